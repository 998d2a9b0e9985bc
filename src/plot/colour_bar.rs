//! Colour bars: which number a colour means.

use super::colour::Colour;
use super::font;
use super::frame::{GAP, LABEL_GAP, LABEL_SIZE, TICK, TICK_SIZE, draw_beside};
use super::mark::Bar;
use super::scale::{Area, Map};
use super::surface::{Align, Image, Stroke, Surface, Type, ZOOM};
use super::ticks::{self, Tick};

/// Distance from the panel.
const OFFSET: f64 = 9.0;
const WIDTH: f64 = 10.0;

fn bar_ticks(bar: &Bar, height: f64) -> Vec<Tick> {
    ticks::linear(bar.limits.0, bar.limits.1, ((height / 34.0) as usize).clamp(3, 6))
}

fn widest(ticks: &[Tick]) -> f64 {
    ticks.iter().map(|tick| font::width(&tick.label, TICK_SIZE, false)).fold(0.0, f64::max)
}

fn words(bar: &Bar, height: f64) -> Vec<String> {
    font::wrap(&bar.label, LABEL_SIZE, false, height.max(60.0))
}

/// Space that the bar needs to the right of a panel of this height.
pub(super) fn breadth(bar: &Bar, height: f64) -> f64 {
    let lines = words(bar, height).len() as f64;
    let label = if lines > 0.0 { LABEL_GAP + lines * font::LINE * LABEL_SIZE } else { 0.0 };
    OFFSET + WIDTH + TICK + GAP + widest(&bar_ticks(bar, height)) + label
}

/// Draws the bar beside `area`.
pub(super) fn draw(bar: &Bar, area: &Area, surface: &mut dyn Surface) {
    let strip = Area { left: area.right + OFFSET, right: area.right + OFFSET + WIDTH, ..*area };
    let height = (strip.height() * ZOOM).round().max(2.0) as usize;
    let value = |row: usize| bar.limits.1 + (bar.limits.0 - bar.limits.1) * (row as f64 + 0.5) / height as f64;
    let colours = (0..height).map(|row| bar.map.colour(value(row), bar.limits));
    // As wide as it is shown: some readers of SVG blur the edges of images that they stretch.
    let width = (WIDTH * ZOOM) as usize;
    let rgb = colours.flat_map(|colour| [colour.red, colour.green, colour.blue].repeat(width)).collect();
    surface.image(strip, &Image { width, height, rgb });
    let stroke = Stroke::solid(Colour::BLACK, 0.8);
    let mut border = strip.corners().to_vec();
    border.push(border[0]);
    surface.path(&border, stroke);
    let map = Map { range: bar.limits, logarithmic: false, pixels: (strip.bottom, strip.top) };
    let ticks = bar_ticks(bar, area.height());
    for tick in &ticks {
        let y = map.pixel(tick.at);
        surface.path(&[(strip.right, y), (strip.right + TICK, y)], stroke);
        let label = std::slice::from_ref(&tick.label);
        draw_beside(label, (strip.right + TICK + GAP, y), Type::plain(TICK_SIZE, Align::Left), surface);
    }
    let first = strip.right + TICK + GAP + widest(&ticks) + LABEL_GAP + 0.9 * LABEL_SIZE;
    for (k, line) in words(bar, area.height()).iter().enumerate() {
        let at = (first + k as f64 * font::LINE * LABEL_SIZE, 0.5 * (strip.top + strip.bottom));
        surface.text(line, at, Type { turned: true, ..Type::plain(LABEL_SIZE, Align::Centre) });
    }
}
