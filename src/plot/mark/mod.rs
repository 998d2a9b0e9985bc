//! Marks: what can be drawn into a panel. One file per member; each says its extent, its legend keys and how it is drawn.

mod band;
mod heat_map;
mod line;
mod note;
mod outline;
mod points;
mod reference;
mod scores;
mod whiskers;

pub use band::Band;
pub use heat_map::{Block, HeatMap};
pub use line::{Dash, Line};
pub use note::Note;
pub use outline::Outline;
pub use points::{Marker, Points};
pub use reference::Reference;
pub use scores::{ScoreKind, ScoreSeries, Scores};
pub use whiskers::Whiskers;

pub(super) use line::dashed;
pub(super) use points::draw_marker;

use super::colour::Colour;
use super::colour_map::ColourMap;
use super::scale::{Span, View};
use super::surface::{Point, Stroke, Surface};
use crate::error::{Error, Result};

/// One thing drawn into a panel; later marks lie on top of earlier ones.
///
/// Every member converts: `panel.marks.push(Line { .. }.into())`.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A curve.
    Line(Line),
    /// Single points, with error bars if there are any.
    Points(Points),
    /// The area between two curves.
    Band(Band),
    /// Scores of methods by category, with what chance would give.
    Scores(Scores),
    /// A matrix in colour, with numbers in its cells if asked for.
    HeatMap(HeatMap),
    /// A straight line across the panel.
    Reference(Reference),
    /// Words inside the panel.
    Note(Note),
    /// A closed curve, such as the support of a spectrum.
    Outline(Outline),
}

macro_rules! marks_from {
    ($($member:ident),+) => {
        $(impl From<$member> for Mark {
            fn from(mark: $member) -> Mark {
                Mark::$member(mark)
            }
        })+
    };
}
marks_from!(Line, Points, Band, Scores, HeatMap, Reference, Note, Outline);

impl Mark {
    /// A dashed horizontal line with a name written along it.
    pub fn hline(at: f64, label: impl Into<String>) -> Mark {
        Mark::Reference(Reference { at, label: label.into(), ..Reference::default() })
    }

    /// A dashed vertical line with a name written beside it.
    pub fn vline(at: f64, label: impl Into<String>) -> Mark {
        Mark::Reference(Reference { at, vertical: true, label: label.into(), ..Reference::default() })
    }

    pub(super) fn member(&self) -> &dyn Member {
        match self {
            Mark::Line(mark) => mark,
            Mark::Points(mark) => mark,
            Mark::Band(mark) => mark,
            Mark::Scores(mark) => mark,
            Mark::HeatMap(mark) => mark,
            Mark::Reference(mark) => mark,
            Mark::Note(mark) => mark,
            Mark::Outline(mark) => mark,
        }
    }
}

/// The two spans that the marks of a panel fill.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    pub x: Span,
    pub y: Span,
}

/// What every mark can do.
pub(super) trait Member {
    /// Refuses data whose shapes disagree.
    fn check(&self) -> Result<()>;
    /// Widens the spans to hold everything that is drawn.
    fn extend(&self, extent: &mut Extent);
    /// Space that the mark needs between the frame and the title.
    fn headroom(&self) -> f64 {
        0.0
    }
    /// Draws into the panel.
    fn draw(&self, view: &View, surface: &mut dyn Surface);
    /// Lines of the legend.
    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }
    /// Pixels that a legend should not cover.
    fn obstacles(&self, _view: &View) -> Vec<Point> {
        Vec::new()
    }
    /// The colour bar that explains this mark.
    fn colour_bar(&self) -> Option<Bar> {
        None
    }
}

/// What a colour bar shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    pub map: ColourMap,
    pub limits: (f64, f64),
    pub label: String,
}

/// One line of a legend.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub label: String,
    pub sample: Sample,
}

/// The sign beside the words of a legend.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sample {
    Line(Stroke, Dash),
    Marker(Marker, Colour, f64, bool),
    Patch(Colour, f64),
}

/// The key of a mark, if the mark has a name.
fn key(label: &str, sample: Sample) -> Vec<Key> {
    if label.is_empty() { Vec::new() } else { vec![Key { label: label.to_string(), sample }] }
}

/// Refuses lists of different lengths.
fn same_length(what: &str, x: usize, y: usize) -> Result<()> {
    if x == y { Ok(()) } else { Err(Error::shape(what, format!("{x} values, as many as x"), y)) }
}
