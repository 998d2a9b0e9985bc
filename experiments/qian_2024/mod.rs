//! Qian et al. 2024: a fit of some of the neurons shows slow modes that the circuit does not have.

use crate::experiment::{Context, Experiment, Findings, Side};
use crosscurrent::fit::Ridge;
use crosscurrent::identify::{Cell, Summary};
use crosscurrent::linalg::eigenvalues;
use crosscurrent::plot::{Axis, Band, Colour, Figure, Line, Mark, Panel, Points, Scale};
use crosscurrent::{Clock, Connectivity, Fit, Network, Noise, Recording, Regions, Result, Seed, Simulation, nonlinearity::Tanh};
use nalgebra::DMatrix;
use rand::seq::index;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

/// The experiment.
pub struct Qian2024;

const SOURCE: &str = "Qian, Zavatone-Veth, Ruben & Pehlevan 2024: partial observation leads to spurious slow modes";

const NEURONS: usize = 60;

/// Stages of the hidden feed-forward chain.
const STAGES: usize = 6;

/// Where the activity lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Teacher {
    /// One mode with an eigenvalue near 1.
    LineAttractor,
    /// A chain of stages hidden by a random rotation: every eigenvalue is 0.
    Chain,
}

impl Experiment for Qian2024 {
    fn name(&self) -> &'static str {
        "qian_2024"
    }

    fn source(&self) -> &'static str {
        "Qian, Zavatone-Veth, Ruben & Pehlevan 2024, NeurIPS: partial observation can induce mechanistic mismatches in data-constrained models"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let fractions = context.pick(
            vec![1.0, 0.2],
            vec![1.0, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05],
            vec![1.0, 0.9, 0.7, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.05],
        );
        let (samples, seeds) = (context.pick(2_000, 20_000, 50_000), context.pick(1, 6, 20));
        let mut jobs = Vec::new();
        for teacher in [Teacher::LineAttractor, Teacher::Chain] {
            jobs.extend(fractions.iter().flat_map(|&fraction| (0..seeds).map(move |seed| (teacher, fraction, seed))));
        }
        let bar = context.progress(jobs.len(), "teachers");
        let found: Result<Vec<f64>> = jobs
            .par_iter()
            .with_max_len(1)
            .map(|&(teacher, fraction, seed)| (slowest(context.seed.trial(seed), teacher, fraction, samples), bar.inc(1)).0)
            .collect();
        bar.finish_and_clear();
        let found = found?;
        let of = |teacher: Teacher, fraction: f64| -> Vec<f64> {
            jobs.iter().zip(&found).filter(|((t, f, _), _)| (*t, *f) == (teacher, fraction)).map(|(_, &value)| value).collect()
        };
        let rows = jobs.iter().zip(&found).map(|((t, f, seed), v)| vec![format!("{t:?}"), f.to_string(), seed.to_string(), v.to_string()]);
        let mut findings =
            Findings { data: (vec!["teacher", "observed", "seed", "largest real part"], rows.collect()), ..Default::default() };
        findings.figures.push(("slow_modes".into(), figure(&fractions, &of)));
        let mean = |teacher, fraction| Summary::of(&of(teacher, fraction)).mean;
        let few = fractions[fractions.len() - 1].max(0.1);
        let mut check = |claim: &str, measured, wanted| findings.checks.push(context.check(("A", SOURCE), claim, measured, wanted));
        check("line attractor, all observed: its eigenvalue 0.95 is found", mean(Teacher::LineAttractor, 1.0), (Side::Near, 0.95, 0.05));
        check("hidden chain, all observed: no eigenvalue near 1", mean(Teacher::Chain, 1.0), (Side::AtMost, 0.75, 0.0));
        check("hidden chain, a tenth observed: an eigenvalue near 1 appears", mean(Teacher::Chain, few), (Side::AtLeast, 0.8, 0.0));
        let rise = mean(Teacher::Chain, few) - mean(Teacher::Chain, 1.0);
        check("hidden chain: the largest real part rises when neurons are hidden", rise, (Side::AtLeast, 0.15, 0.0));
        Ok(findings)
    }
}

/// Largest real part of the eigenvalues of the fitted J when a share of the neurons is observed.
fn slowest(seed: Seed, teacher: Teacher, fraction: f64, samples: usize) -> Result<f64> {
    let network = Network::new(Regions::single("teacher", NEURONS)?, Connectivity::dense(weights(teacher, seed))?, Tanh, &[0.1])?;
    let simulation = Simulation {
        clock: Clock::with_steps(0.01, samples)?,
        transient: 5.0,
        // Weak, so that tanh is nearly linear and eigenvalues say what happens.
        noise: Noise::White { strength: 0.02 },
        seed: seed.child("simulation"),
        ..Default::default()
    };
    let recording = simulation.run(&network)?;
    let count = ((fraction * NEURONS as f64).round() as usize).max(2);
    let mut chosen = index::sample(&mut seed.child("observed").rng(), NEURONS, count).into_vec();
    chosen.sort_unstable();
    let observed = Recording::new(recording.rates.select_rows(&chosen), 0.01, Regions::single("student", count)?)?;
    let student = Ridge { penalties: vec![1e-9], ..Default::default() }.fit(&observed, seed)?.network.connectivity.to_dense();
    Ok(eigenvalues(&student)?.iter().map(|value| value.re).fold(f64::NEG_INFINITY, f64::max))
}

/// J of a teacher.
fn weights(teacher: Teacher, seed: Seed) -> DMatrix<f64> {
    let mut rng = seed.child("directions").rng();
    let normal = DMatrix::from_fn(NEURONS, STAGES, |_, _| StandardNormal.sample(&mut rng));
    // Orthonormal directions: one for the attractor, one per stage of the chain.
    let directions = normal.qr().q();
    match teacher {
        Teacher::LineAttractor => 0.95 * directions.column(0) * directions.column(0).transpose(),
        Teacher::Chain => (1..STAGES).fold(DMatrix::zeros(NEURONS, NEURONS), |j, stage| {
            j + 2.0 * directions.column(stage) * directions.column(stage - 1).transpose()
        }),
    }
}

fn figure(fractions: &[f64], of: &dyn Fn(Teacher, f64) -> Vec<f64>) -> Figure {
    let mut marks = vec![Mark::hline(1.0, "activity lasts for ever"), Mark::hline(0.0, "")];
    for (teacher, colour, label) in [
        (Teacher::LineAttractor, Colour::BLUE, "teacher: line attractor (0.95)"),
        (Teacher::Chain, Colour::VERMILION, "teacher: hidden feed-forward chain (0)"),
    ] {
        let cells: Vec<Cell> = fractions.iter().map(|&fraction| Cell::of(&of(teacher, fraction))).collect();
        let values = |part: fn(&Cell) -> f64| cells.iter().map(part).collect::<Vec<f64>>();
        let x = fractions.to_vec();
        marks.push(Band { x: x.clone(), low: values(|c| c.low), high: values(|c| c.high), colour, ..Band::default() }.into());
        marks.push(Line { x: x.clone(), y: values(|c| c.mean), colour, label: label.into(), ..Line::default() }.into());
        marks.push(Points { x, y: values(|c| c.mean), colour, ..Points::default() }.into());
    }
    let panel = Panel {
        x: Axis { scale: Scale::Log, ..Axis::new("observed share of the neurons") },
        y: Axis { range: Some((-0.1, 1.15)), ..Axis::new("largest real part of the eigenvalues of the fitted J") },
        marks,
        ..Panel::default()
    };
    Figure { panels: vec![panel], panel_size: (560, 420), shared_legend: true, ..Figure::default() }
}
