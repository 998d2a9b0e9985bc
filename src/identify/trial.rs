//! Trial: one point of a study, from truth to scores.

use super::grid;
use super::named::Named;
use super::observation::{Observation, Observed};
use super::score::{Score, inferred_currents, score_observed};
use super::study::{Example, StudyWatch};
use super::truth::TruthSpec;
use crate::currents::Currents;
use crate::error::{Error, Result};
use crate::fit::{AnyFit, Fit, Fitted};
use crate::seed::Seed;
use std::panic::{AssertUnwindSafe, catch_unwind};
use toml::Value;

/// A truth, what is seen of it, a method, and a repetition.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Name of the truth.
    pub truth: String,
    /// Name of the method.
    pub method: String,
    /// From 0.
    pub repetition: usize,
    /// The parameters that the grid sets here: `truth`, `recording` or `fit`, the rest of the path, the value.
    pub setting: Vec<Setting>,
    spec: TruthSpec,
    observation: Observation,
    fit: AnyFit,
    /// The three, as trees: what the values of columns are read from.
    trees: Named<Value>,
}

/// A parameter and the value that the grid gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// `truth`, `recording` or `fit`.
    pub part: String,
    /// The rest of the path, without the name of a truth or method.
    pub path: String,
    /// The value in few letters.
    pub value: String,
}

/// What came of a trial.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The scores, or why there are none.
    pub scores: std::result::Result<Vec<Score>, String>,
    /// The fit beside its truth, for the first repetition of a study without a grid.
    pub example: Option<Example>,
}

impl Trial {
    /// The trial of a truth, an observation and a method after the grid's `settings`: (part, path, value).
    pub(super) fn new(
        names: (&str, &str, usize),
        specs: (&TruthSpec, &Observation, &AnyFit),
        settings: &[(String, Vec<String>, Value)],
    ) -> Result<Trial> {
        let mut trees = [("truth", grid::tree(specs.0)?), ("recording", grid::tree(specs.1)?), ("fit", grid::tree(specs.2)?)];
        for (part, path, value) in settings {
            let (_, tree) = trees.iter_mut().find(|(name, _)| name == part).expect("the grid has checked the parts");
            grid::set(tree, path, value)?;
        }
        let named = |part: usize, name: &str| {
            let set =
                settings.iter().filter(|(p, ..)| p == trees[part].0).map(|(_, path, v)| format!("{} = {}", path.join("."), grid::label(v)));
            format!("{}.{name}: {}", trees[part].0, set.collect::<Vec<_>>().join(", "))
        };
        let trial = Trial {
            truth: names.0.to_string(),
            method: names.1.to_string(),
            repetition: names.2,
            setting: settings.iter().map(|(p, path, v)| Setting { part: p.clone(), path: path.join("."), value: grid::label(v) }).collect(),
            spec: grid::settings(trees[0].1.clone(), &named(0, names.0))?,
            observation: grid::settings(trees[1].1.clone(), &named(1, ""))?,
            fit: grid::settings(trees[2].1.clone(), &named(2, names.1))?,
            trees: Named(Vec::new()),
        };
        trial.observation.check()?;
        // The settings as they were understood: an integer that was meant as a number is one here.
        let trees = vec![
            ("truth".to_string(), grid::tree(&trial.spec)?),
            ("recording".to_string(), grid::tree(&trial.observation)?),
            ("fit".to_string(), grid::tree(&trial.fit)?),
        ];
        Ok(Trial { trees: Named(trees), ..trial })
    }

    /// The value of a parameter in this trial; `None` where there is no such parameter or it is left out.
    pub fn value(&self, part: &str, path: &str) -> Option<String> {
        let path: Vec<String> = path.split('.').map(str::to_string).collect();
        let (_, tree) = self.trees.iter().find(|(name, _)| *name == part)?;
        grid::get(tree, &path).map(|value| grid::label(&value))
    }

    /// Name of the truth with what the grid says about it and about its recording.
    pub fn truth_label(&self) -> String {
        self.label(&self.truth, |part| part != "fit")
    }

    /// Name of the method with what the grid says about it.
    pub fn method_label(&self) -> String {
        self.label(&self.method, |part| part == "fit")
    }

    fn label(&self, name: &str, keep: impl Fn(&str) -> bool) -> String {
        let settings = self.setting.iter().filter(|s| keep(&s.part));
        let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_string();
        settings.fold(name.to_string(), |label, s| format!("{label}, {} {}", last(&s.path), s.value))
    }

    /// 64 bits that every parameter, the names, the repetition and the seed of the study enter: what a finished trial is known by.
    pub fn key(&self, seed: Seed) -> u64 {
        let parts = self.trees.iter().fold(seed, |seed, (part, tree)| seed.child(part).child(&tree.to_string()));
        parts.child(&self.truth).child(&self.method).trial(self.repetition as u64).0
    }

    /// Truth, recording, fit, scores.
    ///
    /// Random numbers follow from the seed of the study and the repetition: every method meets the same truths, neighbours in the grid differ
    /// by the parameter alone, and neither another value nor another method changes this trial. What goes wrong is a result, too.
    ///
    /// # Errors
    /// [`Error::Cancelled`] only.
    pub fn run(&self, seed: Seed, watch: &StudyWatch) -> Result<Finished> {
        let tried = catch_unwind(AssertUnwindSafe(|| self.try_run(seed, watch)));
        let failed = |text: String| Ok(Finished { scores: Err(text), example: None });
        match tried {
            Ok(Ok((scores, example))) => Ok(Finished { scores: Ok(scores), example }),
            Ok(Err(Error::Cancelled)) => Err(Error::Cancelled),
            Ok(Err(error)) => failed(error.to_string()),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned().or(panic.downcast_ref::<&str>().map(|text| text.to_string()));
                failed(format!("the program failed: {}", text.unwrap_or_default()))
            }
        }
    }

    fn try_run(&self, seed: Seed, watch: &StudyWatch) -> Result<(Vec<Score>, Option<Example>)> {
        let (observed, fitted) = self.fit(seed, watch)?;
        let scores = score_observed(&observed, &fitted, self.fit_seed(seed).child("scores"))?;
        let wanted = self.repetition == 0 && self.setting.is_empty();
        let example = if wanted { Some(self.example_of(observed, fitted)?) } else { None };
        Ok((scores, example))
    }

    /// The fit beside its truth, computed again.
    ///
    /// # Errors
    /// What goes wrong on the way, or [`Error::Cancelled`].
    pub fn example(&self, seed: Seed, watch: &StudyWatch) -> Result<Example> {
        let (observed, fitted) = self.fit(seed, watch)?;
        self.example_of(observed, fitted)
    }

    fn fit_seed(&self, seed: Seed) -> Seed {
        seed.child("fit").trial(self.repetition as u64)
    }

    fn fit(&self, seed: Seed, watch: &StudyWatch) -> Result<(Observed, Fitted)> {
        let repetition = self.repetition as u64;
        let (truth, recording) = (seed.child("truth").trial(repetition), seed.child("recording").trial(repetition));
        let observed = self.observation.observe(&self.spec, truth, recording)?;
        let fitted = self.fit.fit_watched(&observed.recording, self.fit_seed(seed), &mut |pass| watch(pass))?;
        Ok((observed, fitted))
    }

    /// Currents of the truth are those between observed neurons here.
    fn example_of(&self, observed: Observed, fitted: Fitted) -> Result<Example> {
        Ok(Example {
            truth: self.truth.clone(),
            method: self.method.clone(),
            connectivity: observed.network.connectivity.to_dense(),
            currents: Currents::decompose(&observed.network, &observed.recording.window(0..fitted.sample_columns.len())?)?,
            inferred: inferred_currents(&fitted)?,
            recording: observed.recording,
            fitted,
        })
    }

    /// Passes over the recording that the fit will make.
    pub fn passes(&self) -> usize {
        self.fit.passes()
    }
}
