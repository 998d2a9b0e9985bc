//! Identify: what did a method really recover? Trials from truth to fit to scores, studies over grids of them, reports.

mod score;
mod three_region;
mod truth;

pub use score::*;
pub use three_region::{ThreeRegion, Variant};
pub use truth::{InputSpec, NetworkSpec, RegionSpec, Truth, TruthSpec, with_inter_region_power};
