//! How much of each pixel a shape covers: antialiasing for lines, polygons and discs.

use super::Point;

/// Coverage 0 to 1 of the pixels of a rectangle.
pub(super) struct Coverage {
    pub left: i32,
    pub top: i32,
    width: usize,
    cells: Vec<f32>,
}

impl Coverage {
    /// Room for shapes through `points` that reach `margin` beyond them, cut to a bitmap of `size`.
    fn around(points: &[Point], margin: f64, size: (i32, i32)) -> Option<Self> {
        let bounds = |pick: fn(&Point) -> f64, size: i32| {
            let low = points.iter().map(pick).fold(f64::INFINITY, f64::min) - margin;
            let high = points.iter().map(pick).fold(f64::NEG_INFINITY, f64::max) + margin;
            (low.floor().max(0.0) as i32, high.ceil().min(f64::from(size)) as i32)
        };
        let ((left, right), (top, bottom)) = (bounds(|point| point.0, size.0), bounds(|point| point.1, size.1));
        if right <= left || bottom <= top {
            return None;
        }
        // One spare column takes what an edge hands to its right neighbour.
        let width = (right - left) as usize + 1;
        Some(Coverage { left, top, width, cells: vec![0.0; width * (bottom - top) as usize] })
    }

    fn height(&self) -> usize {
        self.cells.len() / self.width
    }

    /// Every covered pixel with its coverage.
    pub fn pixels(&self) -> impl Iterator<Item = (i32, i32, f64)> + '_ {
        self.cells.iter().enumerate().filter(|(cell, covered)| **covered > 0.003 && cell % self.width != self.width - 1).map(
            |(cell, &covered)| {
                let (row, column) = (cell / self.width, cell % self.width);
                (self.left + column as i32, self.top + row as i32, f64::from(covered.min(1.0)))
            },
        )
    }

    /// A line of the given width with round joins and ends. Overlaps count once, so a transparent line is even.
    pub fn line(points: &[Point], width: f64, size: (i32, i32)) -> Option<Self> {
        let reach = 0.5 * width.max(1.0) + 0.5;
        let mut coverage = Coverage::around(points, reach + 1.0, size)?;
        let strength = width.min(1.0);
        for pair in points.windows(2) {
            coverage.segment(pair[0], pair[1], (reach, strength));
        }
        Some(coverage)
    }

    /// Marks the pixels within `reach` of one segment, row by row.
    fn segment(&mut self, from: Point, to: Point, (reach, strength): (f64, f64)) {
        let (from, to) = if from.1 <= to.1 { (from, to) } else { (to, from) };
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length2 = dx * dx + dy * dy;
        let (left, top) = (f64::from(self.left), f64::from(self.top));
        let first = (from.1 - reach - top).floor().max(0.0) as usize;
        let last = ((to.1 + reach - top).ceil().max(0.0) as usize).min(self.height());
        for row in first..last {
            let y = top + row as f64 + 0.5;
            // The part of the segment that can be near this row.
            let at = |height: f64| if dy > 0.0 { from.0 + dx * ((height - from.1) / dy).clamp(0.0, 1.0) } else { f64::NAN };
            let (a, b) = if dy > 0.0 { (at(y - reach), at(y + reach)) } else { (from.0, to.0) };
            let start = (a.min(b) - reach - left).floor().max(0.0) as usize;
            let end = ((a.max(b) + reach - left).ceil().max(0.0) as usize).min(self.width - 1);
            for column in start..end {
                let x = left + column as f64 + 0.5;
                let along = if length2 > 0.0 { (((x - from.0) * dx + (y - from.1) * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
                let distance = (x - from.0 - along * dx).hypot(y - from.1 - along * dy);
                let covered = ((reach - distance).clamp(0.0, 1.0) * strength) as f32;
                let cell = &mut self.cells[row * self.width + column];
                *cell = cell.max(covered);
            }
        }
    }

    /// A disc.
    pub fn disc(centre: Point, radius: f64, size: (i32, i32)) -> Option<Self> {
        let mut coverage = Coverage::around(&[centre], radius + 1.0, size)?;
        coverage.segment(centre, centre, (radius + 0.5, 1.0));
        Some(coverage)
    }

    /// The inside of a polygon: the signed area that each edge leaves to its right, summed along the rows.
    pub fn polygon(points: &[Point], size: (i32, i32)) -> Option<Self> {
        let mut coverage = Coverage::around(points, 0.0, size)?;
        for k in 0..points.len() {
            coverage.edge(points[k], points[(k + 1) % points.len()]);
        }
        let width = coverage.width;
        for row in coverage.cells.chunks_mut(width) {
            let mut sum = 0.0;
            for cell in row {
                sum += *cell;
                *cell = sum.abs();
            }
        }
        Some(coverage)
    }

    fn edge(&mut self, from: Point, to: Point) {
        let (sign, from, to) = if from.1 <= to.1 { (1.0, from, to) } else { (-1.0, to, from) };
        let (left, top) = (f64::from(self.left), f64::from(self.top));
        let (y0, y1) = ((from.1 - top).max(0.0), (to.1 - top).min(self.height() as f64));
        let right = (self.width - 1) as f64;
        let at = |y: f64| (from.0 - left + (to.0 - from.0) * (y + top - from.1) / (to.1 - from.1)).clamp(0.0, right);
        for row in y0 as usize..(y1.ceil().max(0.0) as usize) {
            let (upper, lower) = (y0.max(row as f64), y1.min(row as f64 + 1.0));
            if lower > upper {
                self.share(row, (at(upper), at(lower)), sign * (lower - upper));
            }
        }
    }

    /// Shares the height of an edge within one row among the columns that it crosses.
    fn share(&mut self, row: usize, (a, b): (f64, f64), height: f64) {
        let (low, high) = (a.min(b), a.max(b));
        let start = (low as usize).min(self.width - 2);
        let end = (high.ceil() as usize).clamp(start + 1, self.width - 1);
        for column in start..end {
            let (from, to) = (low.max(column as f64), high.min(column as f64 + 1.0));
            let part = if high - low > 1e-12 { height * (to - from) / (high - low) } else { height };
            let inside = 0.5 * (from + to) - column as f64;
            self.cells[row * self.width + column] += (part * (1.0 - inside)) as f32;
            self.cells[row * self.width + column + 1] += (part * inside) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(coverage: Option<Coverage>) -> f64 {
        coverage.map_or(0.0, |coverage| coverage.pixels().map(|(_, _, covered)| covered).sum())
    }

    #[test]
    fn coverage_sums_to_the_area_of_the_shape() {
        let size = (100, 100);
        assert!(
            (area(Coverage::polygon(&[(10.25, 10.5), (50.5, 10.5), (50.5, 30.25), (10.25, 30.25)], size)) - 40.25 * 19.75).abs() < 1e-2
        );
        assert!((area(Coverage::polygon(&[(5.0, 5.0), (65.0, 25.0), (20.0, 85.0)], size)) - 2250.0).abs() < 0.5);
        assert!((area(Coverage::disc((50.0, 50.0), 20.0, size)) - 400.0 * std::f64::consts::PI).abs() < 5.0);
        assert!((area(Coverage::line(&[(10.0, 50.0), (90.0, 50.0)], 2.0, size)) - 160.0).abs() < 6.0);
        assert!((area(Coverage::line(&[(10.0, 10.0), (70.0, 90.0)], 3.0, size)) - 300.0).abs() < 12.0);
    }

    #[test]
    fn shapes_outside_the_page_are_cut() {
        assert_eq!(area(Coverage::disc((-50.0, 20.0), 5.0, (100, 100))), 0.0);
        let half = Coverage::polygon(&[(-50.0, 10.0), (50.0, 10.0), (50.0, 20.0), (-50.0, 20.0)], (100, 100));
        assert!((area(half) - 500.0).abs() < 1e-2);
    }
}
