//! Panels: two axes and what is drawn between them.

use super::axis::Axis;
use super::mark::{Extent, Key, Mark};
use crate::error::{Error, Result};

/// One panel of a figure.
///
/// ```
/// use crosscurrent::plot::{Axis, Line, Mark, Panel};
/// let panel = Panel {
///     title: "Onset of chaos".into(),
///     x: Axis::new("gain g"),
///     y: Axis::new("largest exponent (1/τ)"),
///     marks: vec![
///         Line { x: vec![0.5, 1.0, 1.5], y: vec![-0.5, 0.0, 0.08], label: "theory".into(), ..Line::default() }.into(),
///         Mark::vline(1.0, "g = 1"),
///     ],
///     ..Panel::default()
/// };
/// assert_eq!(panel.marks.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// Words above the panel; wrapped when long.
    pub title: String,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// What is drawn, from the lowest layer to the highest.
    pub marks: Vec<Mark>,
    /// Where the names of the marks are listed.
    pub legend: Legend,
    /// One unit of x is as long as one unit of y.
    pub equal_aspect: bool,
    /// Columns of the figure that the panel fills; 0 counts as 1.
    pub span: usize,
}

/// Where the legend of a panel is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Legend {
    /// The corner that is free of data; above the panel when none is, or on its right when that would take many lines.
    #[default]
    Best,
    /// Inside, top left.
    TopLeft,
    /// Inside, top right.
    TopRight,
    /// Inside, bottom left.
    BottomLeft,
    /// Inside, bottom right.
    BottomRight,
    /// Outside, in lines between the title and the frame.
    Above,
    /// Outside, in a column on the right.
    Right,
    /// Nowhere.
    Off,
}

impl Panel {
    pub(super) fn check(&self) -> Result<()> {
        self.x.check()?;
        self.y.check()?;
        if (self.x.is_log() || self.y.is_log()) && self.marks.iter().any(|mark| matches!(mark, Mark::HeatMap(_))) {
            return Err(Error::parameter("axis scale", "Log", "Linear for a heat map (give the logarithms to x or y)"));
        }
        self.marks.iter().try_for_each(|mark| mark.member().check())
    }

    pub(super) fn extent(&self) -> Extent {
        let mut extent = Extent::default();
        self.marks.iter().for_each(|mark| mark.member().extend(&mut extent));
        extent
    }

    /// The lines of the legend, each name once.
    pub(super) fn keys(&self) -> Vec<Key> {
        without_repeats(self.marks.iter().flat_map(|mark| mark.member().keys()))
    }
}

/// Keys in order, the first of each name.
pub(super) fn without_repeats(keys: impl IntoIterator<Item = Key>) -> Vec<Key> {
    let mut kept: Vec<Key> = Vec::new();
    for key in keys {
        if kept.iter().all(|other| other.label != key.label) {
            kept.push(key);
        }
    }
    kept
}
