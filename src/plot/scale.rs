//! From data to the page: ranges that hold the data, and the map from a range to pixels.

/// A rectangle of the page in pixels; `top` is the smaller number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Area {
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub fn holds(&self, (x, y): (f64, f64), slack: f64) -> bool {
        x >= self.left - slack && x <= self.right + slack && y >= self.top - slack && y <= self.bottom + slack
    }

    pub fn corners(&self) -> [(f64, f64); 4] {
        [(self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)]
    }
}

/// Numbers beyond this size are treated like infinity, so that differences of ranges stay finite.
const LARGEST: f64 = 1e200;

/// The smallest interval that holds everything shown along one axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    low: f64,
    high: f64,
    /// The smallest number above zero, for logarithmic axes.
    low_positive: f64,
    /// No air around the data: curves and images end at the frame.
    pub tight: bool,
    /// No air below zero when nothing lies there: bars stand on their axis.
    pub grounded: bool,
    /// The first number comes at the top (rows of a matrix).
    pub flipped: bool,
}

impl Default for Span {
    fn default() -> Self {
        Span { low: f64::INFINITY, high: f64::NEG_INFINITY, low_positive: f64::INFINITY, tight: true, grounded: false, flipped: false }
    }
}

impl Span {
    /// Widens the span to hold `value`; what is not finite is passed over.
    pub fn add(&mut self, value: f64) {
        if value.abs() < LARGEST {
            self.low = self.low.min(value);
            self.high = self.high.max(value);
            if value > 0.0 {
                self.low_positive = self.low_positive.min(value);
            }
        }
    }

    pub fn add_all(&mut self, values: &[f64]) {
        values.iter().for_each(|&value| self.add(value));
    }

    /// Nothing finite was added.
    pub fn is_empty(&self) -> bool {
        self.low > self.high
    }

    /// The range to show on a linear axis.
    pub fn linear(&self) -> (f64, f64) {
        if self.low > self.high {
            return (0.0, 1.0);
        }
        let (low, high) = widened(self.low, self.high);
        let air = if self.tight { 0.0 } else { 0.05 * (high - low) };
        let below = if self.grounded && self.low == 0.0 { 0.0 } else { air };
        if self.flipped { (high + air, low - below) } else { (low - below, high + air) }
    }

    /// The range to show on a logarithmic axis; only numbers above zero count.
    pub fn logarithmic(&self) -> (f64, f64) {
        if self.low_positive > self.high {
            return (1.0, 10.0);
        }
        let (mut low, mut high) = (self.low_positive.log10(), self.high.log10());
        if high - low < 1e-3 {
            (low, high) = (low - 0.5, high + 0.5);
        }
        let air = if self.tight { 0.0 } else { 0.05 * (high - low) };
        (10f64.powf(low - air), 10f64.powf(high + air))
    }
}

/// `low` and `high` moved apart when they are too close for an axis to be drawn between them.
pub(super) fn widened(low: f64, high: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    if high - low > 1e-9 * size && high - low > 1e-200 {
        return (low, high);
    }
    let half = if size > 1e-190 { 0.5 * size.max(1e-190) } else { 0.5 };
    (low - half, high + half)
}

/// The map of one axis: numbers to pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Map {
    pub range: (f64, f64),
    pub logarithmic: bool,
    pub pixels: (f64, f64),
}

impl Map {
    /// The pixel of a number; NaN when it has none (not finite, or not positive on a logarithmic axis).
    pub fn pixel(&self, value: f64) -> f64 {
        let along = |value: f64| if self.logarithmic { value.log10() } else { value };
        let (from, to) = (along(self.range.0), along(self.range.1));
        let pixel = self.pixels.0 + (along(value) - from) / (to - from) * (self.pixels.1 - self.pixels.0);
        if pixel.is_finite() { pixel } else { f64::NAN }
    }
}

/// The plotting area of one panel with the maps of its two axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub area: Area,
    pub x: Map,
    pub y: Map,
}

impl View {
    pub fn point(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x.pixel(x), self.y.pixel(y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(values: &[f64]) -> Span {
        let mut span = Span::default();
        span.add_all(values);
        span
    }

    #[test]
    fn nothing_constant_and_infinite_data_have_a_range() {
        assert_eq!(span(&[]).linear(), (0.0, 1.0));
        assert_eq!(span(&[f64::NAN, f64::INFINITY]).linear(), (0.0, 1.0));
        for constant in [0.0, 1e-300, -4.0, 1e20] {
            let (low, high) = span(&[constant]).linear();
            assert!(low < constant && constant < high, "{constant}: {low} {high}");
        }
        assert_eq!(span(&[-1.0, 0.0]).logarithmic(), (1.0, 10.0));
        let (low, high) = span(&[-1.0, 2.0]).logarithmic();
        assert!(low < 2.0 && high > 2.0);
    }

    #[test]
    fn maps_give_pixels_or_nan() {
        let map = Map { range: (1.0, 100.0), logarithmic: true, pixels: (0.0, 200.0) };
        assert!((map.pixel(10.0) - 100.0).abs() < 1e-9);
        assert!(map.pixel(0.0).is_nan() && map.pixel(-1.0).is_nan() && map.pixel(f64::INFINITY).is_nan());
    }
}
