//! Study: every method on every truth, several seeds, all cores.

use super::named::Named;
use super::score::{Score, inferred_currents, score};
use super::table::{Row, Table};
use super::truth::TruthSpec;
use crate::currents::Currents;
use crate::error::{Error, Result};
use crate::fit::{AnyFit, Fit, Fitted, Pass};
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// A grid of truths × methods × seeds.
///
/// ```
/// use crosscurrent::identify::Study;
/// let study = Study::default();
/// assert_eq!(study.truths.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["weak", "strong"]);
/// assert_eq!(study.seeds, 3);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// Repetitions, each with its own truth and its own fits; at least 1.
    pub seeds: usize,
    /// Truths by name.
    pub truths: Named<TruthSpec>,
    /// Methods by name.
    pub methods: Named<AnyFit>,
}

/// The study that `crosscurrent identify` runs unless it is given another one, as a file.
pub const DEFAULT_STUDY: &str = include_str!("../../studies/three_region.toml");

impl Default for Study {
    fn default() -> Self {
        toml::from_str(DEFAULT_STUDY).expect("the embedded study is valid; a test reads it")
    }
}

/// One cell of the grid.
#[derive(Clone, Copy, Debug)]
struct Job<'a> {
    truth: (&'a str, &'a TruthSpec),
    method: (&'a str, &'a AnyFit),
    repetition: usize,
}

/// What a finished study holds.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// One row per truth × method × seed × score × subject, in the order of the study.
    pub table: Table,
    /// The first repetition of every truth and method in full.
    pub examples: Vec<Example>,
}

/// A fit beside its truth.
#[derive(Clone, Debug)]
pub struct Example {
    /// Name of the truth.
    pub truth: String,
    /// Name of the method.
    pub method: String,
    /// What was recorded of it.
    pub recording: Recording,
    /// J of the truth.
    pub connectivity: DMatrix<f64>,
    /// Its currents over the fitted samples.
    pub currents: Currents,
    /// The fit.
    pub fitted: Fitted,
    /// The currents that the fit infers.
    pub inferred: Currents,
}

/// Told after every pass of every fit; fits run at the same time on several threads.
pub type StudyWatch<'a> = dyn Fn(&Pass) -> ControlFlow<()> + Sync + 'a;

impl Study {
    /// Checks that there is something to do.
    ///
    /// # Errors
    /// No seeds, no truths, no methods, or a name twice.
    pub fn check(&self) -> Result<()> {
        if self.seeds == 0 {
            return Err(Error::parameter("seeds", 0, "at least 1"));
        }
        if self.truths.0.is_empty() || self.methods.0.is_empty() {
            return Err(Error::parameter("study", "nothing to do", "at least one truth and one method"));
        }
        Ok(())
    }

    /// Passes over a recording that all fits together will make.
    pub fn passes(&self) -> usize {
        self.seeds * self.truths.0.len() * self.methods.iter().map(|(_, fit)| fit.passes()).sum::<usize>()
    }

    /// Runs every trial, on as many threads as rayon has; the result does not depend on their number.
    ///
    /// # Errors
    /// The first error of any trial in the order of the study, with the trial's name; [`Error::Cancelled`] when `watch` asks to stop.
    pub fn run(&self, seed: Seed, watch: &StudyWatch) -> Result<Outcome> {
        self.check()?;
        let mut jobs = Vec::new();
        for truth in self.truths.iter() {
            for method in self.methods.iter() {
                jobs.extend((0..self.seeds).map(|repetition| Job { truth, method, repetition }));
            }
        }
        // Longest first would be faster by a little; the order of the study keeps errors and results in its order.
        let trials: Vec<Result<(Vec<Row>, Option<Example>)>> = jobs.par_iter().with_max_len(1).map(|job| job.run(seed, watch)).collect();
        let mut outcome = Outcome { table: Table::default(), examples: Vec::new() };
        for trial in trials {
            let (rows, example) = trial?;
            outcome.table.rows.extend(rows);
            outcome.examples.extend(example);
        }
        Ok(outcome)
    }
}

impl Job<'_> {
    /// Truth, recording, fit, scores. Seeds follow from the names and the repetition: another method does not change this trial, and every
    /// method meets the same truths.
    fn run(&self, seed: Seed, watch: &StudyWatch) -> Result<(Vec<Row>, Option<Example>)> {
        let repetition = self.repetition as u64;
        let truth = self.truth.1.build(seed.child("truth").trial(repetition))?;
        let (recording, fresh) = (truth.record()?, truth.record_again()?);
        let seed = seed.child("fit").trial(repetition);
        let fitted = self.method.1.fit_watched(&recording, seed, &mut |pass| watch(pass))?;
        let scores = score(&truth.network, &recording, Some(&fresh), &fitted, seed.child("scores"))?;
        let rows = scores.into_iter().map(|score| self.row(score)).collect();
        let example = match self.repetition {
            0 => {
                let currents = Currents::decompose(&truth.network, &recording.window(0..fitted.sample_columns.len())?)?;
                let inferred = inferred_currents(&fitted)?;
                let (truth_name, method) = (self.truth.0.to_string(), self.method.0.to_string());
                let connectivity = truth.network.connectivity.to_dense();
                Some(Example { truth: truth_name, method, recording, connectivity, currents, fitted, inferred })
            }
            _ => None,
        };
        Ok((rows, example))
    }

    fn row(&self, score: Score) -> Row {
        Row { truth: self.truth.0.to_string(), method: self.method.0.to_string(), repetition: self.repetition, score }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::{Pinning, Ridge};
    use crate::identify::ThreeRegion;

    fn small() -> Study {
        let truth =
            |amplitude| TruthSpec::ThreeRegion(ThreeRegion { units: 8, projecting: 0.5, amplitude: Some(amplitude), ..Default::default() });
        let pinning = Pinning { learning_passes: 2, ..Default::default() };
        Study {
            seeds: 2,
            truths: Named(vec![("weak".into(), truth(0.2)), ("strong".into(), truth(1.0))]),
            methods: Named(vec![("Pinning".into(), pinning.into()), ("Ridge".into(), Ridge::default().into())]),
        }
    }

    fn run(study: &Study, threads: usize) -> Outcome {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| study.run(Seed(1), &|_| ControlFlow::Continue(()))).unwrap()
    }

    #[test]
    fn results_do_not_depend_on_the_number_of_threads() {
        let bits = |outcome: &Outcome| outcome.table.rows.iter().map(|r| r.score.value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&run(&small(), 1)), bits(&run(&small(), 2)));
    }

    #[test]
    fn a_trial_does_not_depend_on_the_rest_of_the_study() {
        let mut alone = small();
        alone.methods.0.remove(0);
        alone.truths.0.remove(0);
        let (alone, whole) = (run(&alone, 1), run(&small(), 2));
        for row in &alone.table.rows {
            let same = |other: &&Row| {
                (&other.truth, &other.method, other.repetition, other.score.name, &other.score.subject)
                    == (&row.truth, &row.method, row.repetition, row.score.name, &row.score.subject)
            };
            let found = whole.table.rows.iter().find(same).unwrap();
            assert_eq!(found.score.value.to_bits(), row.score.value.to_bits());
        }
    }

    #[test]
    fn every_cell_has_its_rows_and_the_first_seed_its_example() {
        let outcome = run(&small(), 2);
        assert_eq!(outcome.examples.len(), 4);
        assert_eq!(outcome.table.rows.len() % 8, 0);
        assert_eq!(small().passes(), 2 * 2 * (3 + 1));
    }

    #[test]
    fn the_embedded_study_can_be_written_and_read_again() {
        let study = Study::default();
        let text = toml::to_string(&study).unwrap();
        assert_eq!(toml::from_str::<Study>(&text).unwrap(), study);
        assert_eq!(study.methods.0.len(), 4);
    }

    #[test]
    fn stopping_stops() {
        assert!(matches!(small().run(Seed(1), &|_| ControlFlow::Break(())), Err(Error::Cancelled)));
        assert!(Study { seeds: 0, ..small() }.run(Seed(1), &|_| ControlFlow::Continue(())).is_err());
    }
}
