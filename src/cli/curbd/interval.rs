//! How far the data leave a current open, where the fit has a posterior.

use crate::currents::Currents;
use crate::error::Result;
use crate::fit::{Fitted, NINETY, expected_recovery};
use crate::identify::{Verdict, posterior_verdict};
use crate::regions::Projection;
use nalgebra::DMatrix;
use serde::Serialize;

/// What the posterior says of one current, over its neurons and the fitted samples.
#[derive(Clone, Debug, Serialize)]
pub struct Interval {
    /// Half the width of the 90 % interval of a neuron's current at a sample, root mean square.
    pub half_width: f64,
    /// Share of neurons and samples whose 90 % interval does not hold zero.
    pub sign_known: f64,
    /// Correlation with the truth that the posterior expects.
    pub expected: f64,
    /// Share of the target's neurons that contradict the model.
    pub doubt: f64,
    /// The verdict, and why.
    pub verdict: Verdict,
    pub reason: String,
    /// Half the width of the 90 % interval of the mean over the target's neurons, one value per sample.
    #[serde(skip)]
    pub of_mean: Vec<f64>,
}

impl Interval {
    /// `None` where the fit has no posterior.
    pub fn of(fitted: &Fitted, currents: &Currents, projection: &Projection) -> Result<Option<Self>> {
        let Some(posterior) = &fitted.posterior else { return Ok(None) };
        let (mean, regions) = (currents.get(projection)?, currents.regions());
        let open = posterior.current(regions, projection)?.at(&fitted.sample_columns);
        let expected = expected_recovery(mean, &open.deviation);
        let doubt = posterior.misfit.share(regions.range(&projection.target)?);
        let (verdict, reason) = posterior_verdict(expected, doubt);
        let (half_width, sign_known, of_mean) = (open.half_width(), open.sign_known(), of_mean(&open.deviation));
        Ok(Some(Interval { half_width, sign_known, expected, doubt, verdict, reason, of_mean }))
    }
}

/// Rows of J are independent given the variances, so that the variances of a mean over neurons add, and such a sum is nearly normal whatever the
/// law of its terms.
fn of_mean(deviation: &DMatrix<f64>) -> Vec<f64> {
    deviation.column_iter().map(|column| NINETY * column.norm() / deviation.nrows() as f64).collect()
}
