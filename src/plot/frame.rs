//! The frame of a panel: spines, ticks, their labels, and the words along the axes.

use super::axis::Axis;
use super::colour::Colour;
use super::font;
use super::scale::{Area, Map};
use super::surface::{Align, Point, Stroke, Surface, Type};
use super::ticks::Tick;

/// Font size of tick labels.
pub(super) const TICK_SIZE: f64 = 10.5;
/// Font size of the words along an axis.
pub(super) const LABEL_SIZE: f64 = 11.5;
/// Length of a tick.
pub(super) const TICK: f64 = 4.0;
/// Space between a tick and its label.
pub(super) const GAP: f64 = 3.0;
/// Space between tick labels and the words along the axis.
pub(super) const LABEL_GAP: f64 = 5.0;
const SPINE: Stroke = Stroke { colour: Colour::BLACK, alpha: 1.0, width: 1.0 };

/// Everything that is written along one axis.
#[derive(Clone, Debug, Default)]
pub(super) struct Ruler {
    pub range: (f64, f64),
    pub ticks: Vec<Tick>,
    pub minor: Vec<f64>,
    /// The lines of each tick's label.
    labels: Vec<Vec<String>>,
    size: f64,
    /// Labels too long to lie are read from below.
    turned: bool,
    /// The words along the axis.
    words: Vec<String>,
}

impl Ruler {
    /// A horizontal ruler of `length` pixels.
    pub fn horizontal(axis: &Axis, range: (f64, f64), length: f64) -> Ruler {
        let (ticks, minor) = axis.ticks_that_fit(range, length, TICK_SIZE);
        let words = font::wrap(&axis.label, LABEL_SIZE, false, length.max(60.0));
        let names: Vec<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        let named = axis.is_category() || !axis.ticks.is_empty();
        let slot = narrowest(&ticks, range) * length - 6.0;
        let (labels, size, turned) = if named { fitted(&names, slot) } else { (single(&names), TICK_SIZE, false) };
        Ruler { range, ticks, minor, labels, size, turned, words }
    }

    /// A vertical ruler of `length` pixels.
    pub fn vertical(axis: &Axis, range: (f64, f64), length: f64) -> Ruler {
        let (ticks, minor) = axis.ticks(range, ((length / 28.0) as usize).clamp(3, 7));
        let words = font::wrap(&axis.label, LABEL_SIZE, false, length.max(60.0));
        let labels = ticks.iter().map(|tick| font::wrap(&tick.label, TICK_SIZE, false, 110.0)).collect();
        Ruler { range, ticks, minor, labels, size: TICK_SIZE, turned: false, words }
    }

    fn widest(&self) -> f64 {
        self.labels.iter().map(|lines| font::widest(lines, self.size, false)).fold(0.0, f64::max)
    }

    fn words_height(&self) -> f64 {
        if self.words.is_empty() { 0.0 } else { LABEL_GAP + self.words.len() as f64 * font::LINE * LABEL_SIZE }
    }

    /// Height of the tick labels of a horizontal ruler.
    fn labels_height(&self) -> f64 {
        let lines = self.labels.iter().map(Vec::len).max().unwrap_or(0);
        if self.turned { self.widest() } else { lines as f64 * font::LINE * self.size }
    }

    /// Space needed below the panel.
    pub fn depth(&self) -> f64 {
        TICK + GAP + self.labels_height() + self.words_height()
    }

    /// Space needed to the left of the panel.
    pub fn breadth(&self) -> f64 {
        TICK + GAP + self.widest() + self.words_height()
    }

    /// How far the first and last label of a horizontal ruler reach beyond its ends.
    pub fn overhang(&self, length: f64) -> (f64, f64) {
        let map = Map { range: self.range, logarithmic: false, pixels: (0.0, length) };
        let half = |k: usize| if self.turned { 0.6 * self.size } else { 0.5 * font::widest(&self.labels[k], self.size, false) };
        let reach = |k: usize| (half(k) - map.pixel(self.ticks[k].at), half(k) + map.pixel(self.ticks[k].at) - length);
        let reaches = (0..self.ticks.len()).map(reach);
        reaches.fold((0.0, 0.0), |most, reach| (most.0.max(reach.0), most.1.max(reach.1)))
    }

    /// Draws the ruler below `area`.
    pub fn draw_below(&self, area: &Area, map: &Map, named: bool, surface: &mut dyn Surface) {
        let y = area.bottom;
        self.draw_ticks(map, named, &mut |at, length| surface.path(&[(at, y), (at, y + length)], SPINE));
        for (tick, lines) in self.ticks.iter().zip(&self.labels) {
            let x = map.pixel(tick.at);
            for (k, line) in lines.iter().enumerate() {
                let style = Type { turned: self.turned, ..Type::plain(self.size, Align::Centre) };
                let top = y + TICK + GAP;
                if self.turned {
                    let offset = (k as f64 - 0.5 * (lines.len() as f64 - 1.0)) * font::LINE * self.size;
                    let style = Type { align: Align::Right, ..style };
                    surface.text(line, (x + 0.36 * self.size + offset, top), style);
                } else {
                    surface.text(line, (x, top + (k as f64 * font::LINE + 0.85) * self.size), style);
                }
            }
        }
        let first = y + TICK + GAP + self.labels_height() + LABEL_GAP + LABEL_SIZE * 0.9;
        for (k, line) in self.words.iter().enumerate() {
            let at = (0.5 * (area.left + area.right), first + k as f64 * font::LINE * LABEL_SIZE);
            surface.text(line, at, Type::plain(LABEL_SIZE, Align::Centre));
        }
    }

    /// Draws the ruler to the left of `area`.
    pub fn draw_left(&self, area: &Area, map: &Map, named: bool, surface: &mut dyn Surface) {
        let x = area.left;
        self.draw_ticks(map, named, &mut |at, length| surface.path(&[(x, at), (x - length, at)], SPINE));
        for (tick, lines) in self.ticks.iter().zip(&self.labels) {
            draw_beside(lines, (x - TICK - GAP, map.pixel(tick.at)), Type::plain(self.size, Align::Right), surface);
        }
        let last = x - TICK - GAP - self.widest() - LABEL_GAP - font::DESCENT * LABEL_SIZE;
        for (k, line) in self.words.iter().rev().enumerate() {
            let at = (last - k as f64 * font::LINE * LABEL_SIZE, 0.5 * (area.top + area.bottom));
            surface.text(line, at, Type { turned: true, ..Type::plain(LABEL_SIZE, Align::Centre) });
        }
    }

    /// Long strokes at labels, short ones between; names of categories need none.
    fn draw_ticks(&self, map: &Map, named: bool, stroke: &mut dyn FnMut(f64, f64)) {
        if named {
            return;
        }
        self.ticks.iter().for_each(|tick| stroke(map.pixel(tick.at), TICK));
        self.minor.iter().for_each(|&at| stroke(map.pixel(at), 0.55 * TICK));
    }
}

/// Lines of text centred at a height.
pub(super) fn draw_beside(lines: &[String], at: Point, style: Type, surface: &mut dyn Surface) {
    for (k, line) in lines.iter().enumerate() {
        let offset = (k as f64 - 0.5 * (lines.len() as f64 - 1.0)) * font::LINE * style.size;
        surface.text(line, (at.0, at.1 + offset + 0.5 * font::CAPITAL * style.size), style);
    }
}

/// The spines: left and bottom, or all around an image.
pub(super) fn draw_spines(area: &Area, closed: bool, surface: &mut dyn Surface) {
    let [top_left, top_right, bottom_right, bottom_left] = area.corners();
    surface.path(&[top_left, bottom_left, bottom_right], SPINE);
    if closed {
        surface.path(&[top_left, top_right, bottom_right], SPINE);
    }
}

/// Smallest distance of two ticks as a part of the range; the whole for a single one.
fn narrowest(ticks: &[Tick], range: (f64, f64)) -> f64 {
    let distance = |pair: &[Tick]| ((pair[1].at - pair[0].at) / (range.1 - range.0)).abs();
    ticks.windows(2).map(distance).fold(1.0, f64::min)
}

fn single(names: &[&str]) -> Vec<Vec<String>> {
    names.iter().map(|name| vec![name.to_string()]).collect()
}

/// Names that fit into `slot` pixels each: as they are, wrapped, a little smaller, or else turned.
fn fitted(names: &[&str], slot: f64) -> (Vec<Vec<String>>, f64, bool) {
    for size in [TICK_SIZE, 0.9 * TICK_SIZE, 0.8 * TICK_SIZE] {
        let lines: Vec<Vec<String>> = names.iter().map(|name| font::wrap(name, size, false, slot)).collect();
        if lines.iter().all(|lines| lines.len() <= 3 && font::widest(lines, size, false) <= slot) {
            return (lines, size, false);
        }
    }
    let two_lines_fit = slot > 2.0 * font::LINE * TICK_SIZE - 2.0;
    let lines = names.iter().map(|name| font::wrap(name, TICK_SIZE, false, if two_lines_fit { 90.0 } else { 400.0 }));
    (lines.map(|lines| if lines.len() > 2 { vec![lines.join(" ")] } else { lines }).collect(), TICK_SIZE, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_wrap_then_turn() {
        let (lines, _, turned) = fitted(&["visual cortex", "motor cortex"], 60.0);
        assert!(!turned && lines.iter().all(|lines| lines.len() == 2));
        let (_, _, turned) = fitted(&["somatosensory", "retrosplenial"], 30.0);
        assert!(turned);
    }
}
