//! Figures of publication quality, from plain data.
//!
//! A [`Figure`] holds [`Panel`]s, a panel two [`Axis`]es and its [`Mark`]s. Everything is a struct with public fields and
//! a `Default`; [`Figure::save`] writes SVG (text stays text) and PNG from the same drawing. The font is embedded, so a
//! figure has the same margins on every machine. Theory is drawn in black lines, simulations as coloured points.
//!
//! ```
//! use crosscurrent::plot::{Axis, Figure, HeatMap, Line, Mark, Panel};
//! let time: Vec<f64> = (0..100).map(|k| 0.01 * f64::from(k)).collect();
//! let rate: Vec<f64> = time.iter().map(|t| (20.0 * t).sin()).collect();
//! let figure = Figure {
//!     panels: vec![
//!         Panel {
//!             x: Axis::new("time (s)"),
//!             y: Axis::new("rate"),
//!             marks: vec![Line { x: time, y: rate, ..Line::default() }.into(), Mark::hline(0.0, "rest")],
//!             ..Panel::default()
//!         },
//!         Panel {
//!             x: Axis::categories(["V1", "M2"]),
//!             y: Axis::categories(["V1", "M2"]),
//!             marks: vec![
//!                 HeatMap {
//!                     matrix: nalgebra::DMatrix::from_row_slice(2, 2, &[0.9, -0.2, 0.4, 0.8]),
//!                     label: "current (a.u.)".into(),
//!                     decimals: Some(1),
//!                     ..HeatMap::default()
//!                 }
//!                 .into(),
//!             ],
//!             ..Panel::default()
//!         },
//!     ],
//!     ..Figure::default()
//! };
//! assert!(figure.svg()?.contains("time (s)"));
//! # Ok::<(), crosscurrent::Error>(())
//! ```

mod axis;
mod colour;
mod colour_bar;
mod colour_map;
mod figure;
mod font;
mod frame;
mod legend;
mod mark;
mod panel;
mod plan;
mod scale;
pub mod study;
mod surface;
mod ticks;
pub mod trials;

#[cfg(test)]
mod gallery;

pub use axis::{Axis, Scale};
pub use colour::Colour;
pub use colour_map::ColourMap;
pub use figure::Figure;
pub use mark::{
    Band, Block, Dash, HeatMap, Line, Mark, Marker, Note, Outline, Points, Reference, ScoreKind, ScoreSeries, Scores, Whiskers,
};
pub use panel::{Legend, Panel};
