//! What the command leaves behind: exponents, a table, a figure, and the words.

use super::figure;
use super::origin::Origin;
use crate::analysis::{CovariantVectors, LyapunovRun, LyapunovSpectrum};
use crate::error::Result;
use crate::identify::align;
use crate::io::{Array, Arrays, Packing, write_npz, write_rows};
use nalgebra::DMatrix;
use serde::Serialize;
use std::path::Path;

/// Moments of the convergence record.
pub const MOMENTS: usize = 60;

/// Stretches of the finite-time exponents.
const STRETCHES: usize = 100;

/// Everything that the files and the report are made of.
pub struct Results<'a> {
    pub origin: &'a Origin,
    pub run: LyapunovRun,
    pub two_trajectories: Option<f64>,
    pub covariant: Option<CovariantVectors>,
    /// Seconds that the measurement took.
    pub seconds: f64,
}

/// The result with `--json`.
#[derive(Serialize)]
pub struct Document<'a> {
    folder: String,
    network: &'a str,
    neurons: usize,
    exponents: &'a [f64],
    errors: Vec<Option<f64>>,
    time: f64,
    quantities: Vec<Quantity>,
    seconds: f64,
}

/// A number with its error, and what it is to be compared with.
#[derive(Serialize)]
pub struct Quantity {
    name: &'static str,
    value: f64,
    error: Option<f64>,
    check: Option<f64>,
    /// Where the check comes from.
    from: &'static str,
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

impl Results<'_> {
    pub fn spectrum(&self) -> &LyapunovSpectrum {
        self.run.spectrum()
    }

    pub fn neurons(&self) -> usize {
        self.origin.truth.network.neurons()
    }

    /// Whether every exponent was measured.
    pub fn complete(&self) -> bool {
        self.spectrum().exponents.len() == self.neurons()
    }

    /// Writes every file; each appears whole or not at all.
    pub fn write(&self, folder: &Path) -> Result<()> {
        self.table(&folder.join("exponents.csv"))?;
        self.arrays().write_npz(&folder.join("lyapunov.npz"), Packing::default())?;
        if let Some(covariant) = &self.covariant {
            write_covariant(&folder.join("covariant.npz"), covariant)?;
        }
        figure::exponents(self).save(folder, "exponents")?;
        Ok(())
    }

    /// The numbers that are told.
    fn quantities(&self) -> Vec<Quantity> {
        let (spectrum, n) = (self.spectrum(), self.neurons() as f64);
        let number = |name, value: f64, error: f64| Quantity { name, value, error: finite(error), check: None, from: "" };
        let mut all = vec![number("largest exponent (1/s)", spectrum.exponents[0], spectrum.errors()[0])];
        if let Some(largest) = self.two_trajectories {
            all[0].check = Some(largest);
            all[0].from = "two trajectories";
        }
        all.push(number("positive exponents", spectrum.positive() as f64, f64::NAN));
        // Fewer exponents than positive ones say nothing of the rest.
        if spectrum.positive() < spectrum.exponents.len() || self.complete() {
            let entropy = |spectrum: &LyapunovSpectrum| Some(spectrum.entropy());
            let error = spectrum.jackknife(entropy);
            all.push(number("entropy: their sum (nats/s)", spectrum.entropy(), error));
            all.push(number("entropy per neuron", spectrum.entropy() / n, error / n));
        }
        if let Some(dimension) = spectrum.dimension() {
            let error = spectrum.jackknife(LyapunovSpectrum::dimension);
            all.push(number("Kaplan–Yorke dimension D", dimension, error));
            all.push(number("D / N", dimension / n, error / n));
        }
        if self.complete() {
            let sum = number("sum of all exponents (1/s)", spectrum.exponents.iter().sum(), f64::NAN);
            all.push(Quantity { check: self.run.divergence(), from: "mean divergence", ..sum });
        }
        if let Some(covariant) = &self.covariant {
            let largest = number("largest, over the states of covariant vectors", covariant.exponents[0], f64::NAN);
            all.push(largest);
            all.push(number("units that carry the first one", units(covariant), f64::NAN));
        }
        all
    }

    /// The result with `--json`.
    pub fn document(&self, folder: &Path) -> Document<'_> {
        Document {
            folder: folder.display().to_string(),
            network: &self.origin.name,
            neurons: self.neurons(),
            exponents: &self.spectrum().exponents,
            errors: self.spectrum().errors().into_iter().map(finite).collect(),
            time: self.spectrum().time(),
            quantities: self.quantities(),
            seconds: self.seconds,
        }
    }

    /// The result for people.
    pub fn text(&self, folder: &Path) -> String {
        let (spectrum, simulation) = (self.spectrum(), &self.origin.truth.simulation);
        let mut grid = vec![["quantity", "found", "check", ""].map(String::from).to_vec()];
        for q in self.quantities() {
            let found = q.error.map_or_else(|| digits(q.value), |error| format!("{} ± {}", digits(q.value), digits(error)));
            grid.push(vec![q.name.into(), found, q.check.map_or(String::new(), digits), q.from.into()]);
        }
        let count = if self.complete() { "all".to_string() } else { format!("the leading {}", spectrum.exponents.len()) };
        let conditional = if simulation.inputs.is_empty() && simulation.noise == Default::default() {
            String::new()
        } else {
            "\nThe network is driven: exponents are those of trajectories under the same input and noise".into()
        };
        let incomplete = if spectrum.dimension().is_none() {
            "\nThe sum of these exponents is above zero: the dimension needs more of them"
        } else {
            ""
        };
        format!(
            "{}: {} neurons, {count} exponents over {} s in steps of {} s ({:.1} s of work)\n{}{conditional}{incomplete}\nWritten to {}",
            self.origin.name,
            self.neurons(),
            (spectrum.time() * 1e6).round() / 1e6,
            simulation.clock.dt(),
            self.seconds,
            align(&grid).trim_end(),
            folder.display()
        )
    }

    /// Exponents (k), their convergence (moments × k) and finite-time exponents (stretches × k).
    fn arrays(&self) -> Arrays {
        let spectrum = self.spectrum();
        let (times, record): (Vec<f64>, Vec<Vec<f64>>) = spectrum.convergence(MOMENTS).into_iter().unzip();
        let stretches = spectrum.blocks(STRETCHES);
        let mut arrays = Arrays::default();
        arrays.push("exponents", Array::vector(spectrum.exponents.clone()));
        arrays.push("errors", Array::vector(spectrum.errors()));
        arrays.push("neurons", Array::of(self.neurons() as f64));
        arrays.push("convergence_time", Array::vector(times));
        arrays.push("convergence", Array::from(&DMatrix::from_fn(record.len(), spectrum.exponents.len(), |t, k| record[t][k])));
        arrays.push("finite_time_length", Array::of(spectrum.time() / stretches.ncols() as f64));
        arrays.push("finite_time", Array::from(&stretches.transpose()));
        arrays.push("final_state", Array::vector(self.run.state.clone()));
        arrays
    }

    fn table(&self, path: &Path) -> Result<()> {
        let (spectrum, n) = (self.spectrum(), self.neurons() as f64);
        let mut sum = 0.0;
        let rows = spectrum.exponents.iter().zip(spectrum.errors()).enumerate().map(|(k, (exponent, error))| {
            sum += exponent;
            let error = finite(error).map_or(String::new(), |error| error.to_string());
            vec![(k + 1).to_string(), ((k + 1) as f64 / n).to_string(), exponent.to_string(), error, sum.to_string()]
        });
        write_rows(path, &["index", "index_over_neurons", "exponent", "error", "sum"], rows.collect::<Vec<_>>())
    }
}

/// Mean number of units that share the first covariant vector: 1 / sum of the fourth powers.
fn units(covariant: &CovariantVectors) -> f64 {
    let one = |vectors: &DMatrix<f64>| 1.0 / vectors.column(0).iter().map(|v| v.powi(4)).sum::<f64>();
    covariant.vectors.iter().map(one).sum::<f64>() / covariant.vectors.len() as f64
}

/// Times, exponents, and the vectors (states × k × N).
fn write_covariant(path: &Path, covariant: &CovariantVectors) -> Result<()> {
    let (rows, columns) = covariant.vectors[0].shape();
    let values = covariant.vectors.iter().flat_map(|vectors| vectors.iter().copied()).collect();
    let vectors = Array::new(vec![covariant.vectors.len(), columns, rows], values)?;
    let (times, exponents) = (Array::vector(covariant.times.clone()), Array::vector(covariant.exponents.clone()));
    write_npz(path, &[("times", &times), ("exponents", &exponents), ("vectors", &vectors)])
}

/// About five digits.
fn digits(value: f64) -> String {
    let text = match value.abs() {
        a if a != 0.0 && a < 1e-3 => format!("{value:.2e}"),
        _ if value.fract() == 0.0 && value.abs() < 1e6 => format!("{value}"),
        _ => format!("{value:.5}"),
    };
    text.replace('-', "−")
}
