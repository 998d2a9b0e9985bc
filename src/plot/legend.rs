//! Legends: the names of the marks, where no data are.

use super::colour::Colour;
use super::font;
use super::mark::{Key, Sample, dashed, draw_marker};
use super::panel::Legend;
use super::scale::Area;
use super::surface::{Align, Ink, Point, Surface, Type};

/// Font size of a legend.
const SIZE: f64 = 10.5;
/// Height of one line.
const ROW: f64 = 15.0;
/// Width of the sign before the words.
const SIGN: f64 = 22.0;
const GAP: f64 = 6.0;
const PADDING: f64 = 5.0;
/// Distance of a legend from the frame.
const INSET: f64 = 5.0;

/// Width and height of a legend in one column.
pub(super) fn size(keys: &[Key]) -> (f64, f64) {
    let widest = keys.iter().map(|key| font::width(&key.label, SIZE, false)).fold(0.0, f64::max);
    (SIGN + GAP + widest + 2.0 * PADDING, ROW * keys.len() as f64 + 2.0 * PADDING)
}

/// The rectangle of a legend inside `area` at a corner.
fn corner(place: Legend, (width, height): (f64, f64), area: &Area) -> Area {
    let left = match place {
        Legend::TopLeft | Legend::BottomLeft => area.left + INSET,
        _ => area.right - INSET - width,
    };
    let top = match place {
        Legend::BottomLeft | Legend::BottomRight => area.bottom - INSET - height,
        _ => area.top + INSET,
    };
    Area { left, top, right: left + width, bottom: top + height }
}

/// The corner that no obstacle touches.
pub(super) fn free_corner(keys: &[Key], obstacles: &[Point], area: &Area) -> Option<Legend> {
    let size = size(keys);
    let places = [Legend::TopRight, Legend::TopLeft, Legend::BottomRight, Legend::BottomLeft];
    let free = |place: &Legend| {
        let whole = corner(*place, size, area);
        size.0 < 0.8 * area.width() && size.1 < 0.8 * area.height() && !obstacles.iter().any(|point| whole.holds(*point, 3.0))
    };
    places.into_iter().find(free)
}

/// Draws a legend inside the panel at its corner, or at `beside` pixels to the right of the frame.
pub(super) fn draw(keys: &[Key], place: Legend, (area, beside): (&Area, f64), surface: &mut dyn Surface) {
    if keys.is_empty() || place == Legend::Off {
        return;
    }
    let size = size(keys);
    let whole = match place {
        Legend::Right => Area { left: area.right + beside, top: area.top, right: area.right + beside + size.0, bottom: area.top + size.1 },
        inside => corner(inside, size, area),
    };
    surface.polygon(&whole.corners(), Ink { colour: Colour::WHITE, alpha: 0.85 });
    for (k, key) in keys.iter().enumerate() {
        let middle = whole.top + PADDING + (k as f64 + 0.5) * ROW;
        draw_key(key, (whole.left + PADDING, middle), surface);
    }
}

fn draw_key(key: &Key, (left, middle): Point, surface: &mut dyn Surface) {
    let right = left + SIGN;
    match key.sample {
        Sample::Line(stroke, dash) => dashed(&[(left, middle), (right, middle)], stroke, dash, surface),
        Sample::Marker(marker, colour, radius, hollow) => {
            let at = (0.5 * (left + right), middle);
            draw_marker(marker, at, (radius, hollow), Ink { colour, alpha: 1.0 }, surface);
        }
        Sample::Patch(colour, alpha) => {
            let patch = Area { left: left + 3.0, top: middle - 4.5, right: right - 3.0, bottom: middle + 4.5 };
            surface.polygon(&patch.corners(), Ink { colour, alpha });
        }
    }
    surface.text(&key.label, (right + GAP, middle + 0.5 * font::CAPITAL * SIZE), Type::plain(SIZE, Align::Left));
}

/// The keys in lines of the given width.
pub(super) fn rows(keys: &[Key], width: f64) -> Vec<Vec<Key>> {
    let mut rows: Vec<Vec<Key>> = Vec::new();
    let mut used = f64::INFINITY;
    for key in keys {
        let needed = row_width(std::slice::from_ref(key));
        if used + needed > width {
            rows.push(Vec::new());
            used = 0.0;
        }
        used += needed;
        if let Some(row) = rows.last_mut() {
            row.push(key.clone());
        }
    }
    rows
}

fn row_width(row: &[Key]) -> f64 {
    row.iter().map(|key| size(std::slice::from_ref(key)).0 + 4.0).sum()
}

/// Height of [`rows`].
pub(super) fn rows_height(rows: &[Vec<Key>]) -> f64 {
    if rows.is_empty() { 0.0 } else { ROW * rows.len() as f64 + 6.0 }
}

/// Draws [`rows`] from `top` downwards, each around `middle` as far as it stays between `least` and `most`.
pub(super) fn draw_rows(rows: &[Vec<Key>], top: f64, [least, middle, most]: [f64; 3], surface: &mut dyn Surface) {
    for (k, row) in rows.iter().enumerate() {
        let mut left = (middle - 0.5 * row_width(row)).min(most - row_width(row)).max(least) + PADDING;
        for key in row {
            draw_key(key, (left, top + (k as f64 + 0.5) * ROW), surface);
            left += row_width(std::slice::from_ref(key));
        }
    }
}
