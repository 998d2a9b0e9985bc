//! Error bars.

use super::{Extent, same_length};
use crate::error::Result;
use crate::plot::colour::Colour;
use crate::plot::scale::View;
use crate::plot::surface::{Stroke, Surface};

/// The uncertainty of points: how far their error bars reach.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Whiskers {
    /// None are drawn.
    #[default]
    None,
    /// As far on both sides: standard deviations or standard errors.
    Symmetric(Vec<f64>),
    /// From a lower to an upper value: confidence intervals, quantiles.
    Interval {
        /// Lower ends.
        low: Vec<f64>,
        /// Upper ends.
        high: Vec<f64>,
    },
}

impl Whiskers {
    /// The two ends of the `k`-th error bar around `middle`.
    pub(super) fn ends(&self, k: usize, middle: f64) -> Option<(f64, f64)> {
        match self {
            Whiskers::None => None,
            Whiskers::Symmetric(half) => Some((middle - half[k], middle + half[k])),
            Whiskers::Interval { low, high } => Some((low[k], high[k])),
        }
    }

    pub(super) fn check(&self, length: usize) -> Result<()> {
        match self {
            Whiskers::None => Ok(()),
            Whiskers::Symmetric(half) => same_length("error bars", length, half.len()),
            Whiskers::Interval { low, high } => {
                same_length("lower error bars", length, low.len())?;
                same_length("upper error bars", length, high.len())
            }
        }
    }

    pub(super) fn extend(&self, y: &[f64], extent: &mut Extent) {
        for (k, &middle) in y.iter().enumerate() {
            if let Some((low, high)) = self.ends(k, middle) {
                extent.y.add(low);
                extent.y.add(high);
            }
        }
    }
}

/// One error bar at `x` pixels with short caps; parts beyond the panel are cut.
pub(super) fn whisker(view: &View, x: f64, (low, high): (f64, f64), colour: Colour, surface: &mut dyn Surface) {
    let inside = |value: f64| view.y.pixel(value).clamp(view.area.top, view.area.bottom);
    let (bottom, top) = (inside(low), inside(high));
    if bottom.is_nan() || top.is_nan() || x < view.area.left || x > view.area.right {
        return;
    }
    let stroke = Stroke::solid(colour, 1.0);
    surface.path(&[(x, bottom), (x, top)], stroke);
    for end in [bottom, top] {
        if end > view.area.top && end < view.area.bottom {
            surface.path(&[(x - 2.5, end), (x + 2.5, end)], stroke);
        }
    }
}
