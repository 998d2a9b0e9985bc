//! 3E: the largest exponent of networks against the amplitude; for 3D, the amplitudes at which it is zero.

use super::row;
use super::run::{Run, each};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::Result;
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Colour, Dash, Figure, Legend, Line, Mark, Marker, Panel, Points, Whiskers};
use crosscurrent::theory::driven::{Resolution, critical_amplitude};

/// Gain of 3E.
const GAIN: f64 = 2.0;

/// Angular frequency of 3E: close to the best one at this gain.
const OMEGA: f64 = 0.25;

/// Other frequencies at which networks are searched for the end of chaos.
const OMEGAS: [f64; 2] = [0.1, 0.6];

const TABLE: &str = "T20: independent simulations in NumPy, two seeds";

/// Where the exponent of networks crosses zero: mean over networks and standard error.
pub struct Crossing {
    omega: f64,
    neurons: usize,
    amplitude: f64,
    error: f64,
}

impl Crossing {
    /// All of them as points of the phase diagram.
    pub fn mark(crossings: &[Crossing]) -> Mark {
        Points {
            x: crossings.iter().map(|c| c.omega).collect(),
            y: crossings.iter().map(|c| c.amplitude).collect(),
            whiskers: Whiskers::Symmetric(crossings.iter().map(|c| if c.error.is_finite() { c.error } else { 0.0 }).collect()),
            size: 7.0,
            label: format!("networks, g = {GAIN}, N = {}: λ = 0", crossings.first().map_or(0, |c| c.neurons)),
            ..Points::default()
        }
        .into()
    }
}

/// Exponents of all networks at all amplitudes of one frequency and size.
struct Scan {
    omega: f64,
    neurons: usize,
    amplitudes: Vec<f64>,
    /// One vector per amplitude.
    exponents: Vec<Vec<f64>>,
}

impl Scan {
    fn run(context: &Context, (omega, neurons): (f64, usize), amplitudes: &[f64], seeds: u64) -> Result<Scan> {
        let discard = context.pick(10.0, 100.0, 200.0);
        let run = |amplitude, seed| {
            let run = Run::new(neurons, (omega, amplitude), context.seed.child("3E").trial(seed));
            let cycles = (context.pick(20.0, 150.0, 400.0) / run.length()).ceil() as usize;
            Run { gain: GAIN, cycles, discard, ..run }
        };
        let runs: Vec<Run> = amplitudes.iter().flat_map(|&amplitude| (0..seeds).map(move |seed| run(amplitude, seed))).collect();
        let found = each(context, &format!("3E ω = {omega}, N = {neurons}"), &runs, |run| run.exponent(context))?;
        let exponents = found.chunks(seeds as usize).map(<[f64]>::to_vec).collect();
        Ok(Scan { omega, neurons, amplitudes: amplitudes.to_vec(), exponents })
    }

    fn at(&self, amplitude: f64) -> Option<f64> {
        let index = self.amplitudes.iter().position(|&a| a == amplitude)?;
        Some(Summary::of(&self.exponents[index]).mean)
    }

    /// The last amplitude at which the exponent of a network goes through zero, by straight lines; over networks.
    fn crossing(&self) -> Crossing {
        let one = |seed: usize| {
            let y: Vec<f64> = self.exponents.iter().map(|all| all[seed]).collect();
            let above = y.iter().rposition(|&y| y > 0.0)?;
            let below = above + 1;
            let (x, share) = (&self.amplitudes, y.get(below).map(|end| y[above] / (y[above] - end))?);
            Some(x[above] + share * (x[below] - x[above]))
        };
        let all: Vec<f64> = (0..self.exponents[0].len()).map(|seed| one(seed).unwrap_or(f64::NAN)).collect();
        let summary = Summary::of(&all);
        Crossing { omega: self.omega, neurons: self.neurons, amplitude: summary.mean, error: summary.sd / (summary.count as f64).sqrt() }
    }
}

/// 3E; returns the points of 3D.
pub fn exponents(context: &Context, findings: &mut Findings) -> Result<Vec<Crossing>> {
    let sizes: &[usize] = context.pick(&[30, 40], &[400, 800], &[500, 1000, 2000]);
    let seeds = context.pick(1, 3, 3);
    let amplitudes = [0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5];
    let scans = sizes.iter().map(|&n| Scan::run(context, (OMEGA, n), &amplitudes, seeds)).collect::<Result<Vec<Scan>>>()?;
    let last = &scans[scans.len() - 1];
    let mut crossings = vec![last.crossing()];
    for omega in OMEGAS {
        let theory = theory(context, omega)?;
        let amplitudes = [0.6, 0.8, 0.95, 1.1, 1.3].map(|factor| factor * theory);
        let scan = Scan::run(context, (omega, last.neurons), &amplitudes, context.pick(1, 2, 3))?;
        record(findings, &scan);
        crossings.push(scan.crossing());
    }
    scans.iter().for_each(|scan| record(findings, scan));
    check(context, findings, last, &crossings)?;
    let title = format!("A drive suppresses chaos (g = {GAIN}, ω = {OMEGA}; mean ± sd of {seeds} networks)");
    let figure = Figure { title, panels: vec![panel(context, &scans)?], panel_size: (560, 380), ..Figure::default() };
    findings.figures.push(("3E_exponents".into(), figure));
    for crossing in &crossings {
        let curve = format!("I_c of networks, g = {GAIN}, N = {}", crossing.neurons);
        findings.data.1.push(row("3D", (&curve, 0), (crossing.omega, crossing.amplitude, crossing.error)));
    }
    Ok(crossings)
}

/// The amplitude at which theory ends chaos.
fn theory(context: &Context, omega: f64) -> Result<f64> {
    let resolution = Resolution { points: context.pick(32, 128, 128), order: context.pick(30, 80, 120) };
    Ok(critical_amplitude(GAIN, omega, resolution)?.amplitude)
}

fn record(findings: &mut Findings, scan: &Scan) {
    let curve = format!("lambda, ω = {}, N = {}", scan.omega, scan.neurons);
    for (amplitude, all) in scan.amplitudes.iter().zip(&scan.exponents) {
        let rows = all.iter().enumerate().map(|(seed, exponent)| row("3E", (&curve, seed as u64), (*amplitude, *exponent, f64::NAN)));
        findings.data.1.extend(rows);
    }
}

fn check(context: &Context, findings: &mut Findings, scan: &Scan, crossings: &[Crossing]) -> Result<()> {
    let n = scan.neurons;
    let mut check = |place, claim: String, measured: f64, wanted| findings.checks.push(context.check(place, claim, measured, wanted));
    let at = |amplitude| scan.at(amplitude).unwrap_or(f64::NAN);
    check(("3E", TABLE), format!("λ at I = 0.5, N = {n}"), at(0.5), (Side::AtLeast, 0.03, 0.0));
    check(("3E", TABLE), format!("λ at I = 1.3, N = {n}"), at(1.3), (Side::AtMost, -0.01, 0.0));
    for crossing in crossings.iter().filter(|crossing| crossing.omega < 0.3) {
        let theory = theory(context, crossing.omega)?;
        let claim = format!("I at which λ of networks is zero over theory, ω = {}, N = {n}", crossing.omega);
        let ratio = crossing.amplitude / theory;
        check(("3D", "mean-field theory, finite-size tolerance"), claim, ratio, (Side::Near, 1.0, 0.1));
    }
    Ok(())
}

fn panel(context: &Context, scans: &[Scan]) -> Result<Panel> {
    let critical = theory(context, OMEGA)?;
    let mut marks: Vec<Mark> = vec![Mark::hline(0.0, ""), Mark::vline(critical, "mean field")];
    for (index, scan) in scans.iter().enumerate() {
        let summaries: Vec<Summary> = scan.exponents.iter().map(|all| Summary::of(all)).collect();
        let y: Vec<f64> = summaries.iter().map(|s| s.mean).collect();
        let (x, colour) = (scan.amplitudes.clone(), Colour::cycle(index));
        marks.push(Line { x: x.clone(), y: y.clone(), colour, dash: Dash::Dotted, width: 1.0, ..Line::default() }.into());
        let whiskers = Whiskers::Symmetric(summaries.iter().map(|s| if s.sd.is_finite() { s.sd } else { 0.0 }).collect());
        let label = format!("N = {}", scan.neurons);
        marks.push(Points { x, y, whiskers, colour, marker: Marker::cycle(index), label, ..Points::default() }.into());
    }
    let (x, y) = (Axis::new("amplitude I of the drive"), Axis::new("largest exponent λ (1/τ)"));
    Ok(Panel { x, y, marks, legend: Legend::TopRight, ..Panel::default() })
}
