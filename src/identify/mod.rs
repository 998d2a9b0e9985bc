//! Identify: what did a method really recover? From truths over fits to scores, in studies over grids of them.

mod constraint;
mod frame;
mod grid;
mod levels;
mod named;
mod observation;
mod report;
mod score;
mod study;
mod table;
mod three_region;
mod trial;
mod truth;

pub use constraint::{
    Check, Constraint, ConstraintPlan, CurrentConstraint, Geometry, Refits, Stimulus, SubspaceError, Verdict, constraint, posterior_verdict,
};
pub use frame::{Column, Frame, frame};
pub use grid::{Axis, Grid};
pub use levels::{Cell, Levels, Series};
pub use named::Named;
pub use observation::{Anatomy, Observation, Observed, Visibility};
pub use report::{Line, lines, text};
pub(crate) use report::{align, larger_null};
pub(crate) use score::SCORE_NAMES;
pub use score::*;
pub use study::{DEFAULT_STUDY, Example, Outcome, Study, StudyWatch, attempt};
pub use table::{Row, Summary, Table, is_between, is_within};
pub use three_region::{ThreeRegion, Variant};
pub use trial::{Finished, Setting, Trial};
pub use truth::{InputSpec, NetworkSpec, RegionSpec, Truth, TruthSpec, with_inter_region_power};
