//! Matrices in colour.

use super::{Bar, Extent, Member};
use crate::error::{Error, Result};
use crate::plot::colour::Colour;
use crate::plot::colour_map::ColourMap;
use crate::plot::font;
use crate::plot::scale::{Area, View};
use crate::plot::surface::{Align, Image, Ink, Point, Stroke, Surface, Type, ZOOM};
use crate::plot::ticks::decimal;
use nalgebra::DMatrix;

/// A matrix in colour: rows × columns, row 0 at the top. Cells that are not finite are grey.
///
/// ```
/// use crosscurrent::plot::{HeatMap, Mark};
/// let currents = nalgebra::DMatrix::from_row_slice(2, 2, &[0.8, -0.3, 0.1, 0.9]);
/// let mark: Mark = HeatMap { matrix: currents, label: "current (a.u.)".into(), decimals: Some(1), ..HeatMap::default() }.into();
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// The numbers.
    pub matrix: DMatrix<f64>,
    /// Numbers of the x axis at the left and right edge; `None` puts column k at the number k.
    pub x: Option<(f64, f64)>,
    /// Numbers of the y axis at the top and bottom edge; `None` puts row k at the number k.
    pub y: Option<(f64, f64)>,
    /// Colours.
    pub map: ColourMap,
    /// Numbers at the ends of the colour bar; `None` shows all data, symmetric about zero when they are signed.
    pub limits: Option<(f64, f64)>,
    /// Words along the colour bar, with the unit.
    pub label: String,
    /// Leaves the colour bar out.
    pub hide_colour_bar: bool,
    /// Thin lines above these rows: the first row of each region.
    pub row_separators: Vec<usize>,
    /// Thin lines to the left of these columns.
    pub column_separators: Vec<usize>,
    /// Writes each number into its cell with this many decimals.
    pub decimals: Option<usize>,
    /// What a pixel shows when it covers several cells.
    pub block: Block,
}

impl Default for HeatMap {
    fn default() -> Self {
        HeatMap {
            matrix: DMatrix::zeros(0, 0),
            x: None,
            y: None,
            map: ColourMap::Auto,
            limits: None,
            label: String::new(),
            hide_colour_bar: false,
            row_separators: Vec::new(),
            column_separators: Vec::new(),
            decimals: None,
            block: Block::Mean,
        }
    }
}

/// What one pixel shows of the several cells beneath it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Block {
    /// Their mean.
    #[default]
    Mean,
    /// The one furthest from zero, so that single spikes survive.
    Extreme,
}

/// More cells than this are drawn as one image instead of one rectangle each.
const MOST_RECTANGLES: usize = 4096;

impl HeatMap {
    fn edges(&self) -> ((f64, f64), (f64, f64)) {
        let (rows, columns) = self.matrix.shape();
        (self.x.unwrap_or((-0.5, columns as f64 - 0.5)), self.y.unwrap_or((-0.5, rows as f64 - 0.5)))
    }

    /// The four edges in pixels: left, right, top, bottom as the matrix counts them.
    fn frame(&self, view: &View) -> [f64; 4] {
        let (x, y) = self.edges();
        [view.x.pixel(x.0), view.x.pixel(x.1), view.y.pixel(y.0), view.y.pixel(y.1)]
    }

    /// The rectangle of one cell, cut to the panel and a little too wide, so that no paper shines through between cells.
    fn cell(&self, view: &View, (row, column): (usize, usize)) -> Option<Area> {
        let (rows, columns) = self.matrix.shape();
        let [left, right, top, bottom] = self.frame(view);
        let x = [column, column + 1].map(|k| snapped(left + (right - left) * k as f64 / columns as f64));
        let y = [row, row + 1].map(|k| snapped(top + (bottom - top) * k as f64 / rows as f64));
        let area = &view.area;
        let cell = Area {
            left: x[0].min(x[1]).max(area.left),
            right: (x[0].max(x[1]) + 0.5).min(area.right.min(left.max(right))),
            top: y[0].min(y[1]).max(area.top),
            bottom: (y[0].max(y[1]) + 0.5).min(area.bottom.min(top.max(bottom))),
        };
        (cell.right > cell.left && cell.bottom > cell.top).then_some(cell)
    }

    fn draw_cells(&self, view: &View, surface: &mut dyn Surface) {
        let (map, limits) = self.map.resolve(self.matrix.as_slice(), self.limits);
        for row in 0..self.matrix.nrows() {
            for column in 0..self.matrix.ncols() {
                if let Some(cell) = self.cell(view, (row, column)) {
                    let colour = map.colour(self.matrix[(row, column)], limits);
                    surface.polygon(&cell.corners(), Ink { colour, alpha: 1.0 });
                }
            }
        }
    }

    fn draw_image(&self, view: &View, surface: &mut dyn Surface) {
        let [left, right, top, bottom] = self.frame(view);
        let area = Area {
            left: snapped(left.min(right).max(view.area.left)),
            right: snapped(left.max(right).min(view.area.right)),
            top: snapped(top.min(bottom).max(view.area.top)),
            bottom: snapped(top.max(bottom).min(view.area.bottom)),
        };
        if area.right <= area.left || area.bottom <= area.top {
            return;
        }
        let (width, height) = ((area.width() * ZOOM).round() as usize, (area.height() * ZOOM).round() as usize);
        let columns = blocks((area.left, area.right), width, (left, right), self.matrix.ncols());
        let rows = blocks((area.top, area.bottom), height, (top, bottom), self.matrix.nrows());
        let (map, limits) = self.map.resolve(self.matrix.as_slice(), self.limits);
        let mut rgb = Vec::with_capacity(3 * width * height);
        for row in &rows {
            for column in &columns {
                let colour = map.colour(self.reduced(row.clone(), column.clone()), limits);
                rgb.extend([colour.red, colour.green, colour.blue]);
            }
        }
        surface.image(area, &Image { width, height, rgb });
    }

    /// The number that stands for a block of cells; cells without a number are passed over.
    fn reduced(&self, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> f64 {
        let (mut sum, mut count, mut extreme) = (0.0, 0.0, f64::NAN);
        for column in columns {
            for row in rows.clone() {
                let value = self.matrix[(row, column)];
                if value.is_finite() {
                    (sum, count) = (sum + value, count + 1.0);
                    extreme = if extreme.is_nan() || value.abs() > f64::abs(extreme) { value } else { extreme };
                }
            }
        }
        if self.block == Block::Extreme { extreme } else { sum / count }
    }

    fn draw_separators(&self, view: &View, surface: &mut dyn Surface) {
        let (rows, columns) = self.matrix.shape();
        let [left, right, top, bottom] = self.frame(view);
        let stroke = Stroke::solid(Colour::rgb(40, 40, 40), 0.8);
        let area = &view.area;
        for &row in self.row_separators.iter().filter(|&&row| row > 0 && row < rows) {
            let y = top + (bottom - top) * row as f64 / rows as f64;
            if y > area.top && y < area.bottom {
                surface.path(&[(left.min(right).max(area.left), y), (left.max(right).min(area.right), y)], stroke);
            }
        }
        for &column in self.column_separators.iter().filter(|&&column| column > 0 && column < columns) {
            let x = left + (right - left) * column as f64 / columns as f64;
            if x > area.left && x < area.right {
                surface.path(&[(x, top.min(bottom).max(area.top)), (x, top.max(bottom).min(area.bottom))], stroke);
            }
        }
    }

    /// Numbers in the cells, as large as the narrowest cell allows; none when they could not be read.
    fn draw_numbers(&self, decimals: usize, view: &View, surface: &mut dyn Surface) {
        let (map, limits) = self.map.resolve(self.matrix.as_slice(), self.limits);
        let (rows, columns) = self.matrix.shape();
        let [left, right, top, bottom] = self.frame(view);
        let written = |value: f64| if value.is_finite() { decimal(value, decimals) } else { "–".to_string() };
        let texts: Vec<String> = self.matrix.iter().map(|&value| written(value)).collect();
        let widest = font::widest(&texts, 1.0, false);
        let room = ((right - left).abs() / columns as f64 - 4.0) / widest;
        let size = room.min(0.6 * (bottom - top).abs() / rows as f64).min(12.0);
        if size < 5.0 {
            return;
        }
        for (k, text) in texts.iter().enumerate() {
            let (row, column) = (k % rows, k / rows);
            let x = left + (right - left) * (column as f64 + 0.5) / columns as f64;
            let y = top + (bottom - top) * (row as f64 + 0.5) / rows as f64;
            if view.area.holds((x, y), 0.0) {
                let colour = map.colour(self.matrix[(row, column)], limits).readable_ink();
                surface.text(text, (x, y + 0.5 * font::CAPITAL * size), Type { colour, ..Type::plain(size, Align::Centre) });
            }
        }
    }
}

/// The nearest edge between two pixels of the bitmap.
fn snapped(value: f64) -> f64 {
    (value * ZOOM).round() / ZOOM
}

/// The cells beneath each of `count` pixels between `shown`, when `cells` cells fill `whole`.
fn blocks(shown: (f64, f64), count: usize, whole: (f64, f64), cells: usize) -> Vec<std::ops::Range<usize>> {
    let cell = |pixel: f64| {
        let place = shown.0 + (shown.1 - shown.0) * pixel / count as f64;
        (place - whole.0) / (whole.1 - whole.0) * cells as f64
    };
    let block = |k: usize| {
        let (a, b, middle) = (cell(k as f64), cell(k as f64 + 1.0), cell(k as f64 + 0.5));
        if (b - a).abs() < 1.0 {
            let only = (middle.max(0.0) as usize).min(cells - 1);
            return only..only + 1;
        }
        let first = (a.min(b).round().max(0.0) as usize).min(cells - 1);
        first..(a.max(b).round() as usize).clamp(first + 1, cells)
    };
    (0..count).map(block).collect()
}

impl Member for HeatMap {
    fn check(&self) -> Result<()> {
        if self.matrix.is_empty() {
            return Err(Error::shape("heat map", "at least one row and one column", format!("{:?}", self.matrix.shape())));
        }
        let empty = |(low, high): (f64, f64)| !(low.is_finite() && high.is_finite()) || low == high;
        if [self.x, self.y].into_iter().flatten().any(empty) {
            return Err(Error::parameter("heat map x, y", format!("{:?}, {:?}", self.x, self.y), "two different finite numbers each"));
        }
        match self.limits {
            Some((low, high)) if !(low < high && (high - low).is_finite()) => {
                Err(Error::parameter("heat map limits", format!("({low}, {high})"), "finite numbers, the lower one first"))
            }
            _ => Ok(()),
        }
    }

    fn extend(&self, extent: &mut Extent) {
        let (x, y) = self.edges();
        extent.x.add_all(&[x.0, x.1]);
        extent.y.add_all(&[y.0, y.1]);
        extent.x.flipped = x.0 > x.1;
        extent.y.flipped = y.0 < y.1;
    }

    fn draw(&self, view: &View, surface: &mut dyn Surface) {
        if self.matrix.len() > MOST_RECTANGLES {
            self.draw_image(view, surface);
        } else {
            self.draw_cells(view, surface);
        }
        self.draw_separators(view, surface);
        if let Some(decimals) = self.decimals {
            self.draw_numbers(decimals, view, surface);
        }
    }

    fn obstacles(&self, view: &View) -> Vec<Point> {
        let area = &view.area;
        let at = |k: usize| f64::from((k % 20) as u32) / 19.0;
        (0..400).map(|k| (area.left + at(k) * area.width(), area.top + at(k / 20) * area.height())).collect()
    }

    fn colour_bar(&self) -> Option<Bar> {
        let (map, limits) = self.map.resolve(self.matrix.as_slice(), self.limits);
        (!self.hide_colour_bar).then(|| Bar { map, limits, label: self.label.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_beneath_a_pixel() {
        for (count, cells) in [(10, 1000), (10, 10), (1000, 10), (7, 100), (3, 4)] {
            let blocks = blocks((0.0, 50.0), count, (0.0, 50.0), cells);
            assert_eq!(blocks.len(), count);
            assert!((0..cells).all(|cell| blocks.iter().any(|block| block.contains(&cell))), "{count} {cells}");
            let flipped = super::blocks((0.0, 50.0), count, (50.0, 0.0), cells);
            assert!(flipped[0].contains(&(cells - 1)));
        }
    }

    #[test]
    fn extremes_survive_the_reduction() {
        let mut matrix = DMatrix::zeros(1, 100);
        matrix[(0, 40)] = -7.0;
        matrix[(0, 41)] = f64::NAN;
        let map = HeatMap { matrix, block: Block::Extreme, ..HeatMap::default() };
        assert_eq!(map.reduced(0..1, 0..100), -7.0);
        assert!(map.reduced(0..1, 41..42).is_nan());
    }
}
