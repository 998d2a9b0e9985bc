//! Verdict: what can be said of one current, in words.

use serde::Serialize;

/// What the data say about a current.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The data determine it.
    Constrained,
    /// They do not.
    NotConstrained,
    /// Neither can be said.
    CannotTell,
}

impl Verdict {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Constrained => "constrained by these data",
            Verdict::NotConstrained => "not constrained",
            Verdict::CannotTell => "cannot tell",
        }
    }
}

/// A current with all that its verdict rests on. Correlations are with the current of the first fit, over neurons and time.
#[derive(Clone, Debug, Serialize)]
pub struct CurrentConstraint {
    /// Region that sends.
    pub source: String,
    /// Region that receives.
    pub target: String,
    /// RMS over neurons and time.
    pub rms: f64,
    /// Correlation with the truth that the posterior expects, where there is one.
    pub expected: Option<f64>,
    /// Mean correlation over fits of resampled blocks.
    pub bootstrap: f64,
    /// Mean correlation over fits from other seeds.
    pub seeds: f64,
    /// Mean correlation over fits with a wrong tau.
    pub tau: f64,
    /// Correlation with the fit with a wrong phi.
    pub phi: f64,
    /// Correlation with the fit of fewer neurons.
    pub unobserved: f64,
    /// Correlation with the truth, where it is known.
    pub truth: Option<f64>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// What a verdict is made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    pub bootstrap: f64,
    pub seeds: f64,
    pub expected: Option<f64>,
    /// Share of the target's neurons with a misfit.
    pub doubt: Option<f64>,
    /// Agreement under a wrong tau, a wrong phi, fewer neurons.
    pub assumptions: [f64; 3],
}

/// At least this agreement is needed to be constrained; a posterior may expect no less than [`RECOVERED`].
const STABLE: f64 = 0.9;
const RECOVERED: f64 = 0.8;
/// Below this agreement a current is not constrained.
const UNSTABLE: f64 = 0.5;

/// The rule, in this order:
/// - not constrained: blocks, seeds or the posterior agree by less than 0.5;
/// - cannot tell: more than a quarter of the target's neurons contradict the model of the posterior;
/// - cannot tell: blocks or seeds agree by less than 0.9, or the posterior expects less than 0.8;
/// - cannot tell: a wrong tau or phi or fewer neurons would leave less than 0.5 of it;
/// - constrained otherwise: by these data, if the assumptions of the method hold.
pub(super) fn judge(evidence: &Evidence) -> (Verdict, String) {
    let Evidence { bootstrap, seeds, expected, doubt, assumptions } = *evidence;
    let signs =
        [("resampled blocks", Some(bootstrap), STABLE), ("other seeds", Some(seeds), STABLE), ("the posterior", expected, RECOVERED)];
    let known = || signs.into_iter().filter_map(|(name, value, bar)| value.filter(|v| !v.is_nan()).map(|value| (name, value, bar)));
    if let Some((name, value, _)) = known().find(|&(_, value, _)| value < UNSTABLE) {
        return (Verdict::NotConstrained, format!("{name}: {value:.2}, below {UNSTABLE}"));
    }
    if let Some(share) = doubt.filter(|&share| share > 0.25) {
        return (Verdict::CannotTell, format!("{:.0} % of the target's neurons contradict the model", 100.0 * share));
    }
    if let Some((name, value, bar)) = known().find(|&(_, value, bar)| value < bar) {
        return (Verdict::CannotTell, format!("{name}: {value:.2}, below {bar}"));
    }
    let names = ["a wrong tau", "a wrong phi", "fewer neurons"];
    if let Some((name, value)) = names.into_iter().zip(assumptions).find(|&(_, value)| value < UNSTABLE) {
        return (Verdict::CannotTell, format!("{name} would leave {value:.2} of it"));
    }
    (Verdict::Constrained, "stable over blocks and seeds".into())
}

/// What a posterior alone says of a current, by the same rule: `expected` is the correlation with the truth that it expects, `doubt` the share
/// of the target's neurons that contradict its model. Nothing was fitted again, so that no assumption has been tried.
pub fn posterior_verdict(expected: f64, doubt: f64) -> (Verdict, String) {
    let untried = f64::NAN;
    let evidence = Evidence { bootstrap: untried, seeds: untried, expected: Some(expected), doubt: Some(doubt), assumptions: [untried; 3] };
    match judge(&evidence) {
        (Verdict::Constrained, _) => (Verdict::Constrained, format!("the posterior: {expected:.2}")),
        told => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_names_the_first_sign_that_fails() {
        let good = Evidence { bootstrap: 0.95, seeds: 1.0, expected: Some(0.9), doubt: Some(0.0), assumptions: [0.9, 0.8, 0.7] };
        assert_eq!(judge(&good).0, Verdict::Constrained);
        assert_eq!(judge(&Evidence { expected: None, doubt: None, seeds: f64::NAN, ..good }).0, Verdict::Constrained);
        let told = |evidence: Evidence, verdict: Verdict, word: &str| {
            let (found, reason) = judge(&evidence);
            assert!(found == verdict && reason.contains(word), "{found:?} {reason}");
        };
        told(Evidence { bootstrap: 0.4, ..good }, Verdict::NotConstrained, "blocks");
        told(Evidence { expected: Some(0.3), doubt: Some(1.0), ..good }, Verdict::NotConstrained, "posterior");
        told(Evidence { doubt: Some(0.6), ..good }, Verdict::CannotTell, "60 %");
        told(Evidence { bootstrap: 0.8, ..good }, Verdict::CannotTell, "blocks");
        assert_eq!(posterior_verdict(0.93, 0.0), (Verdict::Constrained, "the posterior: 0.93".into()));
        assert_eq!(posterior_verdict(0.93, 0.6).0, Verdict::CannotTell);
        assert_eq!(posterior_verdict(0.4, 0.0).0, Verdict::NotConstrained);
        told(Evidence { assumptions: [0.9, 0.8, 0.2], ..good }, Verdict::CannotTell, "fewer neurons");
    }
}
