//! Patterns of chaotic networks: every class is a network of its own.
//!
//! Two tasks. *Same pattern*: all series of a class are one stretch of activity of its network with fresh noise. *Other stretches*: every
//! series is another stretch of that activity, so the waveform tells nothing and only the dynamics are shared.

use crate::experiment::{Context, Findings, Side};
use crosscurrent::classify::{
    Classifier, DynamicTimeWarping, EuclideanNearest, Evaluation, Labelled, Reading, Trakr, Window, cross_validated, one_shot,
};
use crosscurrent::ensemble::Gaussian;
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::{Clock, Ensemble, Network, Regions, Result, Seed, Simulation};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Samples of a series, 0.3 time constants each.
pub const SAMPLES: usize = 200;
/// Noise of the panels whose noise does not vary, in standard deviations of the signal.
const NOISE: f64 = 0.5;
/// Classes of the panel whose noise varies.
const CLASSES: usize = 10;
/// Series of each class.
const MEMBERS: usize = 10;

/// What the series of a class have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    SamePattern,
    OtherStretches,
}

/// Accuracy of one method along an axis.
pub struct Curve {
    pub panel: &'static str,
    pub task: Task,
    pub method: &'static str,
    pub x: Vec<f64>,
    /// One per seed for every x.
    pub accuracy: Vec<Vec<f64>>,
}

impl Curve {
    pub fn mean(&self, k: usize) -> f64 {
        self.accuracy[k].iter().sum::<f64>() / self.accuracy[k].len() as f64
    }

    /// 1.96 standard errors over seeds.
    pub fn half_width(&self, k: usize) -> f64 {
        let (n, mean) = (self.accuracy[k].len() as f64, self.mean(k));
        let squares: f64 = self.accuracy[k].iter().map(|a| (a - mean).powi(2)).sum();
        if n > 1.0 { 1.96 * (squares / (n - 1.0) / n).sqrt() } else { 0.0 }
    }

    /// Rows of data.csv.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for (x, values) in self.x.iter().zip(&self.accuracy) {
            for (seed, value) in values.iter().enumerate() {
                let curve = format!("{:?}, {}", self.task, self.method);
                rows.push(vec![self.panel.into(), curve, seed.to_string(), x.to_string(), value.to_string(), String::new(), String::new()]);
            }
        }
        rows
    }
}

/// Series of `classes` chaotic networks, each the z-scored activity of one unit plus noise.
pub fn series(classes: usize, noise: f64, task: Task, seed: Seed) -> Result<Labelled> {
    let mut all = Vec::new();
    for class in 0..classes {
        let seed = seed.child("class").trial(class as u64);
        let stretches = if task == Task::OtherStretches { MEMBERS } else { 1 };
        let rates = activity(stretches, seed)?;
        for member in 0..MEMBERS {
            let from = (member % stretches) * SAMPLES * 3 / 2;
            let one = crosscurrent::classify::z_scored(&rates.view((0, from), (1, SAMPLES)).into_owned())?;
            all.push(one + white(noise, seed.child("noise").trial(member as u64)));
        }
    }
    let names: Vec<String> = (0..classes * MEMBERS).map(|k| format!("network {:02}", k / MEMBERS)).collect();
    Labelled::new(all, &names)
}

/// Activity of a network of 100 units at gain 1.8, units × samples. So small a network sometimes comes to rest; another one is drawn then.
fn activity(stretches: usize, seed: Seed) -> Result<DMatrix<f64>> {
    // Stretches lie half a stretch (30 time constants) apart.
    let duration = 0.3 * (stretches * SAMPLES * 3 / 2) as f64;
    for attempt in 0..100 {
        let seed = seed.child("network").trial(attempt);
        let regions = Regions::single("chaotic", 100)?;
        let j = Gaussian { gain: 1.8, autapses: true }.sample(&regions, seed.child("connectivity"))?;
        let network = Network::new(regions, j, Tanh, &[1.0])?;
        let simulation = Simulation { clock: Clock::new(0.1, duration)?, steps_per_sample: 3, transient: 30.0, seed, ..Default::default() };
        let rates = simulation.run(&network)?.rates;
        let last = rates.view((0, rates.ncols() - SAMPLES), (1, SAMPLES)).variance();
        if last > 0.01 {
            return Ok(rates);
        }
    }
    Err(crosscurrent::Error::data("chaotic networks", "100 in a row came to rest", "take another seed"))
}

/// Independent normal samples.
fn white(deviation: f64, seed: Seed) -> DMatrix<f64> {
    use rand::RngExt;
    let mut rng = seed.rng();
    let mut normal = || (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() * (std::f64::consts::TAU * rng.random::<f64>()).cos();
    DMatrix::from_fn(1, SAMPLES, |_, _| deviation * normal())
}

/// The methods of the panels, and whether more than one series of each class is learned from.
const METHODS: [(&str, bool); 4] =
    [("TRAKR, one template", false), ("TRAKR, SVM on traces", true), ("Euclidean, one template", false), ("DTW, one template", false)];

fn judge(method: &str, data: &Labelled, seed: Seed) -> Result<Evaluation> {
    let go_on = || std::ops::ControlFlow::Continue(());
    let nearest = Trakr { reading: Reading::Nearest, ..Default::default() };
    let dtw = DynamicTimeWarping { window: Window::Share { share: 0.1 }, independent: false };
    let classifier: &dyn Classifier = match method {
        "TRAKR, one template" => &nearest,
        "TRAKR, SVM on traces" => return cross_validated(&Trakr::default(), data, 5, seed, &go_on),
        "Euclidean, one template" => &EuclideanNearest::default(),
        _ => &dtw,
    };
    one_shot(classifier, data, 3, seed, &go_on)
}

/// All curves along one axis; `point` turns a number on the axis into classes and noise.
fn curves(context: &Context, panel: &'static str, axis: &[f64], point: fn(f64) -> (usize, f64)) -> Result<Vec<Curve>> {
    let seeds = context.pick(1, 10, 10);
    let bar = context.progress(2 * axis.len() * seeds, panel);
    let mut curves: Vec<Curve> = Vec::new();
    for task in [Task::SamePattern, Task::OtherStretches] {
        let jobs: Vec<(usize, usize)> = (0..axis.len()).flat_map(|k| (0..seeds).map(move |s| (k, s))).collect();
        let run = |&(k, s): &(usize, usize)| -> Result<Vec<f64>> {
            if context.go_on().is_break() {
                return Err(crosscurrent::Error::Cancelled);
            }
            let ((classes, noise), seed) = (point(axis[k]), context.seed.child(panel).trial(s as u64));
            let data = series(classes, noise, task, seed)?;
            let found = METHODS.iter().map(|(method, _)| Ok(judge(method, &data, seed)?.accuracy.value)).collect();
            bar.inc(1);
            found
        };
        let found: Vec<Vec<f64>> = jobs.par_iter().map(run).collect::<Result<_>>()?;
        for (m, (method, _)) in METHODS.iter().enumerate() {
            let accuracy = (0..axis.len()).map(|k| (0..seeds).map(|s| found[k * seeds + s][m]).collect()).collect();
            curves.push(Curve { panel, task, method, x: axis.to_vec(), accuracy });
        }
    }
    bar.finish_and_clear();
    Ok(curves)
}

/// Accuracy against the number of classes.
pub fn by_classes(context: &Context) -> Result<Vec<Curve>> {
    let axis = context.pick(vec![2.0, 4.0], vec![2.0, 5.0, 10.0, 20.0, 40.0], vec![2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0]);
    curves(context, "classes", &axis, |classes| (classes as usize, NOISE))
}

/// Accuracy against noise.
pub fn by_noise(context: &Context) -> Result<Vec<Curve>> {
    let axis = context.pick(vec![0.0, 1.0], vec![0.0, 0.25, 0.5, 1.0, 2.0], vec![0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]);
    curves(context, "noise", &axis, |noise| (CLASSES, noise))
}

/// The claims of the paper: above chance up to 40 patterns, and robust to noise.
pub fn check(context: &Context, (by_classes, by_noise): (&[Curve], &[Curve]), findings: &mut Findings) {
    let source = "Afzal et al. 2021 (later version): above chance up to 40 patterns";
    for curve in by_classes.iter().filter(|curve| curve.method.starts_with("TRAKR")) {
        let last = curve.x.len() - 1;
        let claim = format!("{:?}, {}: accuracy at {} classes, lower end of the 95 % interval", curve.task, curve.method, curve.x[last]);
        let bound = 1.0 / curve.x[last];
        findings.checks.push(context.check(("8C", source), claim, curve.mean(last) - curve.half_width(last), (Side::AtLeast, bound, 0.0)));
    }
    let noisy = |task, method: &str| by_noise.iter().find(|curve| curve.task == task && curve.method == method);
    if let Some(curve) = noisy(Task::SamePattern, "TRAKR, one template") {
        let at = curve.x.iter().position(|&x| x == 1.0).unwrap_or(0);
        let claim = format!("one template, noise as large as the signal: accuracy among {CLASSES} patterns");
        findings.checks.push(context.check(
            ("noise", "chance, 0.1"),
            claim,
            curve.mean(at) - curve.half_width(at),
            (Side::AtLeast, 0.1, 0.0),
        ));
    }
    // Other stretches share no waveform, but slow patterns lie closer to slow ones: comparing samples is better than a guess, and must be
    // worse than comparing dynamics.
    let other = |name: &str| by_classes.iter().find(|curve| curve.task == Task::OtherStretches && curve.method.starts_with(name));
    if let (Some(ours), Some(samples)) = (other("TRAKR, one template"), other("Euclidean")) {
        let last = ours.x.len() - 1;
        let claim = format!("other stretches, {} classes: accuracy of TRAKR, one template, over that of Euclidean distance", ours.x[last]);
        let wanted = (Side::AtLeast, 1.2, 0.0);
        findings.checks.push(context.check(
            ("8C", "dynamics tell what samples do not"),
            claim,
            ours.mean(last) / samples.mean(last),
            wanted,
        ));
    }
}
