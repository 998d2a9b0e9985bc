//! Study: every method on every truth, several seeds, a grid of parameters, all cores.

use super::grid::{self, Grid};
use super::named::Named;
use super::observation::Observation;
use super::table::{Row, Table};
use super::trial::{Finished, Trial};
use super::truth::TruthSpec;
use crate::currents::Currents;
use crate::error::{Error, Result};
use crate::fit::{AnyFit, Fitted, Pass};
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Truths × methods × seeds, and a grid of parameters of truth, recording and fit.
///
/// ```
/// use crosscurrent::identify::Study;
/// let study = Study::default();
/// assert_eq!(study.truths.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["weak", "strong"]);
/// assert_eq!(study.trials()?.len(), 3 * 2 * 5);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// Repetitions, each with its own truth and its own fits; at least 1.
    pub seeds: usize,
    /// What of the truths is seen; default everything.
    #[serde(default)]
    pub recording: Observation,
    /// Truths by name.
    pub truths: Named<TruthSpec>,
    /// Methods by name.
    pub methods: Named<AnyFit>,
    /// Parameters that vary: one grid, or several after each other; default none.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "grid::one_or_many")]
    pub grid: Vec<Grid>,
}

/// The study that `crosscurrent identify` runs unless it is given another one, as a file.
pub const DEFAULT_STUDY: &str = include_str!("../../studies/three_region.toml");

/// The studies that the program carries along: names and texts.
const EMBEDDED: [(&str, &str); 3] = [
    ("three-region", DEFAULT_STUDY),
    ("currents", include_str!("../../studies/currents.toml")),
    ("atlas", include_str!("../../studies/atlas.toml")),
];

impl Default for Study {
    fn default() -> Self {
        toml::from_str(DEFAULT_STUDY).expect("the embedded study is valid; a test reads it")
    }
}

/// What a finished study holds.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// One row per truth × method × seed × score × subject, in the order of the study.
    pub table: Table,
    /// The first repetition of every truth and method in full, where there is no grid.
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

/// A parameter setting: `truth`, `recording` or `fit`, the rest of the path, the value.
type Settings = Vec<(String, Vec<String>, toml::Value)>;

impl Study {
    /// A study that the program carries along: `three-region`, `currents` or `atlas`.
    pub fn named(name: &str) -> Option<Study> {
        let text = EMBEDDED.iter().find(|(known, _)| *known == name)?.1;
        Some(toml::from_str(text).expect("the embedded studies are valid; a test reads them"))
    }

    /// The names of the studies that the program carries along.
    pub fn embedded() -> [&'static str; EMBEDDED.len()] {
        EMBEDDED.map(|(name, _)| name)
    }

    /// Checks that there is something to do.
    ///
    /// # Errors
    /// No seeds, no truths, no methods, or a grid for one that is not there.
    pub fn check(&self) -> Result<()> {
        if self.seeds == 0 {
            return Err(Error::parameter("seeds", 0, "at least 1"));
        }
        if self.truths.0.is_empty() || self.methods.0.is_empty() {
            return Err(Error::parameter("study", "nothing to do", "at least one truth and one method"));
        }
        self.recording.check()?;
        let truths: Vec<&str> = self.truths.iter().map(|(name, _)| name).collect();
        let methods: Vec<&str> = self.methods.iter().map(|(name, _)| name).collect();
        for (kind, known) in [("truths", truths), ("methods", methods)] {
            for grid in &self.grid {
                let unknown = grid.names(kind)?.unwrap_or_default().into_iter().find(|name| !known.contains(&name.as_str()));
                if let Some(name) = unknown {
                    return Err(Error::parameter(format!("grid.{kind}"), name, format!("one of: {}", known.join("; "))));
                }
            }
        }
        Ok(())
    }

    /// Every trial, each once: grids, then truths, then their parameters, then methods, then seeds.
    ///
    /// # Errors
    /// As [`Study::check`], and a parameter that a truth or method does not have or that is out of range.
    pub fn trials(&self) -> Result<Vec<Trial>> {
        self.check()?;
        let everything = [Grid::default()];
        let grids = if self.grid.is_empty() { &everything[..] } else { &self.grid };
        let (mut trials, mut known) = (Vec::new(), HashSet::new());
        for grid in grids {
            for truth in self.truths.iter() {
                for method in self.methods.iter() {
                    if !grid.is_for("truths", truth.0)? || !grid.is_for("methods", method.0)? {
                        continue;
                    }
                    for settings in self.settings(grid, truth.0, method.0)? {
                        for repetition in 0..self.seeds {
                            let specs = (truth.1, &self.recording, method.1);
                            let trial = Trial::new((truth.0, method.0, repetition), specs, &settings)?;
                            trials.extend(known.insert(trial.key(Seed(0))).then_some(trial));
                        }
                    }
                }
            }
        }
        Ok(trials)
    }

    /// Every combination of the values of a grid's parameters for one truth and method; the first parameter varies slowest.
    fn settings(&self, grid: &Grid, truth: &str, method: &str) -> Result<Vec<Settings>> {
        let mut all: Vec<Settings> = vec![Vec::new()];
        for axis in grid.axes()? {
            let Some((part, path)) = self.applies(&axis.path, truth, method) else { continue };
            let with = |settings: &Settings, value: &toml::Value| {
                let mut settings = settings.clone();
                settings.push((part.clone(), path.clone(), value.clone()));
                settings
            };
            all = all.iter().flat_map(|settings| axis.values.iter().map(move |value| with(settings, value))).collect();
        }
        Ok(all)
    }

    /// The part and path of an axis for one truth and method; `None` where it names another one.
    fn applies(&self, path: &[String], truth: &str, method: &str) -> Option<(String, Vec<String>)> {
        let (part, path) = path.split_first()?;
        let (this, names): (&str, Vec<&str>) = match part.as_str() {
            "truth" => (truth, self.truths.iter().map(|(name, _)| name).collect()),
            "fit" => (method, self.methods.iter().map(|(name, _)| name).collect()),
            _ => ("", Vec::new()),
        };
        match path.first() {
            Some(first) if path.len() > 1 && names.contains(&first.as_str()) => (first == this).then(|| (part.clone(), path[1..].to_vec())),
            _ => Some((part.clone(), path.to_vec())),
        }
    }

    /// The parameters that vary, in the order of the file, without the names of truths and methods: (part, path).
    pub fn parameters(&self) -> Result<Vec<(String, String)>> {
        let mut found = Vec::new();
        for (truth, _) in self.truths.iter() {
            for (method, _) in self.methods.iter() {
                for axis in self.grid.iter().map(Grid::axes).collect::<Result<Vec<_>>>()?.concat() {
                    let name = self.applies(&axis.path, truth, method).map(|(part, path)| (part, path.join(".")));
                    found.extend(name.filter(|name| !found.contains(name)));
                }
            }
        }
        Ok(found)
    }

    /// Passes over a recording that all fits together will make; 0 for a study that cannot be planned.
    pub fn passes(&self) -> usize {
        self.trials().map_or(0, |trials| trials.iter().map(Trial::passes).sum())
    }

    /// Runs every trial, on as many threads as rayon has; the result does not depend on their number.
    ///
    /// # Errors
    /// The first error of any trial in the order of the study, with its names; [`Error::Cancelled`] when `watch` asks to stop.
    pub fn run(&self, seed: Seed, watch: &StudyWatch) -> Result<Outcome> {
        let trials = self.trials()?;
        let mut outcome = Outcome { table: Table::default(), examples: Vec::new() };
        for (trial, finished) in trials.iter().zip(attempt(&trials, seed, watch)?) {
            let wrong = |text| Error::data(format!("{}, {}", trial.truth_label(), trial.method_label()), text, "change the study");
            outcome.table.extend(trial, finished.scores.map_err(wrong)?);
            outcome.examples.extend(finished.example);
        }
        Ok(outcome)
    }
}

/// Runs trials on as many threads as rayon has; what came of each, errors included, in their order.
///
/// # Errors
/// [`Error::Cancelled`] when `watch` asks to stop.
pub fn attempt(trials: &[Trial], seed: Seed, watch: &StudyWatch) -> Result<Vec<Finished>> {
    trials.par_iter().with_max_len(1).map(|trial| trial.run(seed, watch)).collect()
}

impl Table {
    /// Adds the scores of a trial.
    pub fn extend(&mut self, trial: &Trial, scores: impl IntoIterator<Item = super::score::Score>) {
        let (truth, method) = (trial.truth_label(), trial.method_label());
        self.rows.extend(scores.into_iter().map(|score| Row {
            truth: truth.clone(),
            method: method.clone(),
            repetition: trial.repetition,
            score,
        }));
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
            recording: Observation::default(),
            grid: Vec::new(),
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
        assert_eq!(study.methods.0.len(), 5);
    }

    #[test]
    fn stopping_stops() {
        assert!(matches!(small().run(Seed(1), &|_| ControlFlow::Break(())), Err(Error::Cancelled)));
        assert!(Study { seeds: 0, ..small() }.run(Seed(1), &|_| ControlFlow::Continue(())).is_err());
    }

    fn with_grid(text: &str) -> Study {
        Study { seeds: 1, grid: vec![toml::from_str(text).unwrap()], ..small() }
    }

    #[test]
    fn a_grid_multiplies_and_reaches_only_what_it_names() {
        let study = with_grid("truth.weak.amplitude = [0.1, 0.3]\nrecording.observed = [1, 0.5]\nfit.Ridge.tau = [0.05, 0.1, 0.2]");
        let trials = study.trials().unwrap();
        // weak: 2 amplitudes × 2 shares × (1 Pinning + 3 Ridge); strong: without the amplitudes.
        assert_eq!(trials.len(), 2 * 2 * 4 + 2 * 4);
        let last = trials.last().unwrap();
        assert_eq!((last.truth_label(), last.method_label()), ("strong, observed 0.5".into(), "Ridge, tau 0.2".into()));
        assert_eq!(last.value("truth", "amplitude").unwrap(), "1");
        assert_eq!(last.value("fit", "tau").unwrap(), "0.2");
        let names: Vec<String> = study.parameters().unwrap().into_iter().map(|(part, path)| format!("{part}.{path}")).collect();
        assert_eq!(names, ["truth.amplitude", "recording.observed", "fit.tau"]);
    }

    #[test]
    fn a_trial_is_the_same_in_a_larger_grid_and_changes_with_any_parameter() {
        let keys = |text: &str| -> HashSet<u64> { with_grid(text).trials().unwrap().iter().map(|trial| trial.key(Seed(1))).collect() };
        let small = keys("recording.observed = [1, 0.5]");
        let large = keys("recording.observed = [0.3, 0.5, 1.0]");
        assert!(small.is_subset(&large) && large.len() == 12 && small.len() == 8);
        assert!(keys("recording.observed = [1, 0.5]\nrecording.samples = [400]").is_disjoint(&small));
        let trial = &with_grid("recording.observed = [1]").trials().unwrap()[0];
        assert_ne!(trial.key(Seed(1)), trial.key(Seed(2)));
    }

    #[test]
    fn wrong_parameters_are_named_before_anything_runs() {
        for (text, word) in [
            ("truth.gian = [1]", "gian"),
            ("fit.mode = ['corrected']", "Ridge"),
            ("recording.observed = [2]", "observed"),
            ("truths = ['no']\nrecording.observed = [1]", "weak; strong"),
        ] {
            let message = with_grid(text).trials().unwrap_err().to_string();
            assert!(message.contains(word), "{text}: {message}");
        }
    }

    #[test]
    fn a_trial_that_fails_is_a_result_and_the_others_go_on() {
        let study = with_grid("recording.samples = [300, 1000000]");
        let trials = study.trials().unwrap();
        let finished = attempt(&trials, Seed(1), &|_| ControlFlow::Continue(())).unwrap();
        let failed: Vec<bool> = finished.iter().map(|f| f.scores.is_err()).collect();
        assert_eq!(failed, [false, true, false, true, false, true, false, true]);
        assert!(study.run(Seed(1), &|_| ControlFlow::Continue(())).unwrap_err().to_string().contains("samples 1000000"));
    }

    #[test]
    fn the_embedded_studies_can_be_planned_and_written() {
        for name in Study::embedded() {
            let study = Study::named(name).unwrap();
            assert!(!study.trials().unwrap().is_empty(), "{name}");
            assert_eq!(toml::from_str::<Study>(&toml::to_string(&study).unwrap()).unwrap(), study, "{name}");
        }
        assert!(Study::named("none").is_none());
    }
}
