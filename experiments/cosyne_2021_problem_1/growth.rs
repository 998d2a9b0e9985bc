//! A simulated linear network grows or decays as its eigenvalue with the largest real part tells.

use super::{SOURCE, gaussian, record};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::integrator::Rk4;
use crosscurrent::linalg::eigenvalues;
use crosscurrent::nonlinearity::Identity;
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Panel, Points, Scale};
use crosscurrent::{Clock, Error, Initial, Network, Regions, Result, Simulation};
use rayon::prelude::*;

/// Integration step in units of τ.
const DT: f64 = 0.05;
/// Time between two looks at the size of the state.
const STRETCH: f64 = 10.0;

/// The course of ln |x| and the rate that the eigenvalues tell.
struct Run {
    gain: f64,
    predicted: f64,
    measured: f64,
    /// (time in τ, ln |x|)
    course: Vec<(f64, f64)>,
}

/// Exponential rates of several networks below and above gain 1.
pub fn rates(context: &Context, findings: &mut Findings) -> Result<()> {
    let neurons = context.pick(40, 200, 500);
    let stretches = context.pick(5, 200, 400);
    let seeds = context.pick(1_u64, 3, 10);
    let jobs: Vec<(f64, u64)> = [0.7, 1.2, 1.5].into_iter().flat_map(|gain| (0..seeds).map(move |seed| (gain, seed))).collect();
    let bar = context.progress(jobs.len(), "growth rates");
    let one = |&(gain, seed): &(f64, u64)| {
        let found = run(context, (gain, neurons), stretches, seed);
        bar.inc(1);
        found
    };
    let runs = jobs.par_iter().map(one).collect::<Result<Vec<Run>>>()?;
    bar.finish_and_clear();
    for ((gain, seed), run) in jobs.iter().zip(&runs) {
        let curve = format!("ln |x|, g = {gain}");
        run.course.iter().for_each(|&point| record(findings, ("growth", &curve), *seed, point));
        let claim = format!("growth rate over max Re λ − 1, g = {gain}, network {seed}");
        let ratio = run.measured / run.predicted;
        findings.checks.push(context.check(("growth", SOURCE), claim, ratio, (Side::Near, 1.0, 0.01)));
    }
    findings.figures.push(("5_growth_rate".into(), figure(&runs, seeds as usize)));
    Ok(())
}

/// Runs one network in stretches; after each the state is scaled to length 1, which a linear network does not notice.
fn run(context: &Context, (gain, neurons): (f64, usize), stretches: usize, seed: u64) -> Result<Run> {
    let seed = context.seed.child("growth").trial(seed);
    let connectivity = gaussian(neurons, gain, seed)?;
    let values = eigenvalues(&connectivity.to_dense())?;
    let predicted = values.iter().map(|z| z.re).fold(f64::NEG_INFINITY, f64::max) - 1.0;
    let network = Network::new(Regions::single("all", neurons)?, connectivity, Identity, &[1.0])?;
    let mut simulation = Simulation { clock: Clock::new(DT, STRETCH + DT)?, integrator: Rk4.into(), seed, ..Default::default() };
    let (mut size, mut course) = (0.0, Vec::new());
    for stretch in 0..stretches {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let rates = simulation.run(&network)?.rates;
        let (first, last) = (rates.column(0), rates.column(rates.ncols() - 1));
        size += (last.norm() / first.norm()).ln();
        course.push((STRETCH * (stretch + 1) as f64, size));
        simulation.initial = Initial::Given((last / last.norm()).iter().copied().collect());
    }
    Ok(Run { gain, predicted, measured: slope(&course[course.len() / 2..]), course })
}

/// Slope of a straight line through the points: a pair of complex eigenvalues makes |x| sway around it.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let product: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    product / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
}

fn figure(runs: &[Run], seeds: usize) -> Figure {
    let mut marks = Vec::new();
    let mut ratio = Vec::new();
    for (k, of_gain) in runs.chunks(seeds).enumerate() {
        let run = &of_gain[0];
        let (x, y): (Vec<f64>, Vec<f64>) = run.course.iter().step_by((run.course.len() / 20).max(1)).copied().unzip();
        let (end, height) = *run.course.last().expect("a run has stretches");
        let line = vec![height - run.predicted * end, height];
        let label = if k == 0 { "slope max Re λ − 1" } else { "" };
        marks.push(Line { x: vec![0.0, end], y: line, colour: Colour::BLACK, label: label.into(), ..Line::default() }.into());
        marks.push(Points { x, y, colour: Colour::cycle(k), size: 5.0, label: format!("g = {}", run.gain), ..Points::default() }.into());
        let (x, y) = of_gain.iter().map(|run| (run.predicted.abs(), run.measured.abs())).unzip();
        ratio.push(Points { x, y, colour: Colour::cycle(k), size: 7.0, label: format!("g = {}", run.gain), ..Points::default() }.into());
    }
    let ends = runs.iter().map(|run| run.predicted.abs()).fold((f64::INFINITY, 0.0_f64), |(low, high), r| (low.min(r), high.max(r)));
    let diagonal = vec![0.8 * ends.0, 1.25 * ends.1];
    ratio.insert(0, Line { x: diagonal.clone(), y: diagonal, colour: Colour::BLACK, label: "equal".into(), ..Line::default() }.into());
    let log = |label: &str| Axis { scale: Scale::Log, ..Axis::new(label) };
    let panel = |title: &str, (x, y): (Axis, Axis), marks, legend| Panel { title: title.into(), x, y, marks, legend, ..Panel::default() };
    let panels = vec![
        panel("Size of the state", (Axis::new("time (τ)"), Axis::new("ln |x|")), marks, Legend::Above),
        panel("Rates of all networks", (log("|max Re λ − 1| (1/τ)"), log("|measured rate| (1/τ)")), ratio, Legend::TopLeft),
    ];
    let title = "Growth and decay of simulated linear networks".to_string();
    Figure { title, panels, columns: 2, panel_size: (460, 370), ..Figure::default() }
}
