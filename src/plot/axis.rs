//! Axes: what is measured, on which scale, and the places that are labelled.

use super::font;
use super::scale::Span;
use super::ticks::{self, Tick};
use crate::error::{Error, Result};

/// How an axis is divided.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Scale {
    /// Equal steps are equal distances.
    #[default]
    Linear,
    /// Equal factors are equal distances; what is not above zero is not shown.
    Log,
    /// Named places: the k-th name stands at the number k, counted from 0.
    Category(Vec<String>),
}

/// One axis of a panel.
///
/// ```
/// use crosscurrent::plot::{Axis, Scale};
/// let gain = Axis::new("gain g");
/// let lag = Axis { label: "lag (ms)".into(), scale: Scale::Log, range: Some((1.0, 1000.0)), ..Axis::default() };
/// let region = Axis { scale: Scale::Category(vec!["V1".into(), "M2".into()]), ..Axis::new("region") };
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// What is measured, with its unit in brackets: `"time (s)"`.
    pub label: String,
    /// How the axis is divided.
    pub scale: Scale,
    /// The numbers at the left (bottom) and right (top) end; the first may be the larger. `None` shows all data.
    pub range: Option<(f64, f64)>,
    /// Places and names that replace the automatic ticks, such as regions at the middle of their rows.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// A linear axis that shows all data.
    pub fn new(label: impl Into<String>) -> Self {
        Axis { label: label.into(), ..Axis::default() }
    }

    /// An axis of named places.
    pub fn categories<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Axis { scale: Scale::Category(names.into_iter().map(Into::into).collect()), ..Axis::default() }
    }

    pub(super) fn is_log(&self) -> bool {
        self.scale == Scale::Log
    }

    pub(super) fn is_category(&self) -> bool {
        matches!(self.scale, Scale::Category(_))
    }

    pub(super) fn check(&self) -> Result<()> {
        if let Scale::Category(names) = &self.scale
            && names.is_empty()
        {
            return Err(Error::parameter("axis categories", "[]", "at least one name"));
        }
        let Some((low, high)) = self.range else { return Ok(()) };
        let size = low.abs().max(high.abs());
        let wide = (high - low).abs() > 1e-9 * size && size < 1e200 && (high - low).abs() > 1e-200;
        let positive = !self.is_log() || low.min(high) > 0.0;
        match (low.is_finite() && high.is_finite() && wide, positive) {
            (false, _) => Err(Error::parameter("axis range", format!("({low}, {high})"), "two different finite numbers")),
            (true, false) => Err(Error::parameter("axis range", format!("({low}, {high})"), "numbers above 0 on a logarithmic axis")),
            (true, true) => Ok(()),
        }
    }

    /// The range that is shown, given what the marks need.
    pub(super) fn shown(&self, span: &Span) -> (f64, f64) {
        let automatic = match &self.scale {
            Scale::Linear => span.linear(),
            Scale::Log => span.logarithmic(),
            Scale::Category(names) if span.flipped => (names.len() as f64 - 0.5, -0.5),
            Scale::Category(names) => (-0.5, names.len() as f64 - 0.5),
        };
        self.range.unwrap_or(automatic)
    }

    /// Labelled ticks, and the places of unlabelled ones, for about `wanted` labels.
    pub(super) fn ticks(&self, range: (f64, f64), wanted: usize) -> (Vec<Tick>, Vec<f64>) {
        let inside = |at: f64| at >= range.0.min(range.1) && at <= range.0.max(range.1);
        let named = |(at, label): (f64, &String)| Tick { at, label: label.clone() };
        if !self.ticks.is_empty() {
            return (self.ticks.iter().filter(|(at, _)| inside(*at)).map(|(at, label)| named((*at, label))).collect(), Vec::new());
        }
        match &self.scale {
            Scale::Linear => (ticks::linear(range.0, range.1, wanted), Vec::new()),
            Scale::Log => ticks::logarithmic(range.0, range.1, wanted),
            Scale::Category(names) => {
                let places = names.iter().enumerate().map(|(k, name)| (k as f64, name));
                (places.filter(|(at, _)| inside(*at)).map(named).collect(), Vec::new())
            }
        }
    }

    /// As many horizontal labels as fit into `length` pixels without touching.
    pub(super) fn ticks_that_fit(&self, range: (f64, f64), length: f64, size: f64) -> (Vec<Tick>, Vec<f64>) {
        let wanted = ((length / 45.0) as usize).clamp(3, 7);
        for count in (2..=wanted).rev() {
            let (ticks, minor) = self.ticks(range, count);
            let needed: f64 = ticks.iter().map(|tick| font::width(&tick.label, size, false) + 8.0).sum();
            let fits = needed <= length * ticks.len() as f64 / (ticks.len() as f64 - 0.8).max(1.0);
            if fits || !self.ticks.is_empty() || self.is_category() {
                return (ticks, minor);
            }
        }
        let (mut ticks, minor) = self.ticks(range, 3);
        let stride = ticks.len().saturating_sub(1).max(1);
        let mut place = 0;
        ticks.retain(|_| (place % stride == 0, place += 1).0);
        (ticks, minor)
    }
}
