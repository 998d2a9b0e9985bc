//! Identify: what did a method really recover? From truths over fits to scores, in studies over grids of them.

mod constraint;
mod named;
mod report;
mod score;
mod study;
mod table;
mod three_region;
mod truth;

pub use constraint::{
    Check, Constraint, ConstraintPlan, CurrentConstraint, Geometry, Refits, Stimulus, SubspaceError, Verdict, constraint,
};
pub use named::Named;
pub use report::{Line, lines, text};
pub(crate) use report::{align, larger_null};
pub use score::*;
pub use study::{DEFAULT_STUDY, Example, Outcome, Study, StudyWatch};
pub use table::{Row, Summary, Table, is_between, is_within};
pub use three_region::{ThreeRegion, Variant};
pub use truth::{InputSpec, NetworkSpec, RegionSpec, Truth, TruthSpec, with_inter_region_power};
