//! What the command leaves behind: eigenvalues, a table, a figure, and the words.

use super::figure;
use super::measures::Spectrum;
use super::origin::Origin;
use crate::ensemble::{Bulk, Outlier, Prediction, SmallestSingularValue};
use crate::error::Result;
use crate::identify::{Summary, align};
use crate::io::{Array, Arrays, Packing, write_rows};
use nalgebra::DMatrix;
use serde::Serialize;
use std::f64::consts::TAU;
use std::path::Path;

/// Everything that the files and the report are made of.
pub struct Results<'a> {
    pub origin: &'a Origin,
    pub spectra: Vec<Spectrum>,
}

/// The result with `--json`.
#[derive(Serialize)]
pub struct Document<'a> {
    folder: String,
    law: &'a str,
    neurons: usize,
    samples: usize,
    /// Whether rest is stable: the largest real part is below 1 (in the first matrix).
    stable: bool,
    quantities: Vec<Quantity>,
}

/// A number over all matrices, and what theory says of it.
#[derive(Serialize)]
pub struct Quantity {
    name: String,
    mean: f64,
    /// Over matrices; absent for one.
    sd: Option<f64>,
    predicted: Option<f64>,
    predicted_sd: Option<f64>,
}

impl Results<'_> {
    /// Writes every file; each appears whole or not at all.
    pub fn write(&self, folder: &Path) -> Result<()> {
        self.arrays()?.write_npz(&folder.join("spectrum.npz"), Packing::default())?;
        self.table(&folder.join("table.csv"))?;
        figure::spectrum(self).save(folder, "spectrum")?;
        Ok(())
    }

    /// Neurons N.
    pub fn neurons(&self) -> usize {
        self.origin.regions.neurons()
    }

    fn quantity(&self, name: &str, values: impl Fn(&Spectrum) -> f64, predicted: Option<f64>) -> Quantity {
        let summary = Summary::of(&self.spectra.iter().map(values).collect::<Vec<_>>());
        let sd = summary.sd.is_finite().then_some(summary.sd);
        Quantity { name: name.into(), mean: summary.mean, sd, predicted, predicted_sd: None }
    }

    /// The numbers that are told.
    fn quantities(&self) -> Vec<Quantity> {
        let theory = self.origin.prediction();
        let theory = theory.as_ref();
        let n = self.neurons() as f64;
        let median = SmallestSingularValue::Real.quantile(0.5).sqrt();
        let mut all = vec![
            self.quantity("largest modulus", |s| s.eigenvalues[0].norm(), theory.map(Prediction::spectral_radius)),
            self.quantity("largest real part", |s| s.largest_real, theory.map(largest_real)),
        ];
        if let Some(theory) = theory {
            let edge = matches!(theory.bulk, Bulk::Disc { .. }).then(|| 1.0 - 1.0 / (TAU * n).sqrt());
            all.push(self.quantity("share inside the support", |s| s.inside.unwrap_or(f64::NAN), edge));
            let beyond = Some(theory.outliers.len() as f64);
            all.push(self.quantity("eigenvalues beyond the support", |s| s.beyond.map_or(f64::NAN, |b| b as f64), beyond));
            for (k, outlier) in theory.outliers.iter().enumerate() {
                all.extend(self.outlier(k, outlier));
            }
        }
        all.push(self.quantity("real eigenvalues", |s| s.real as f64, theory.and_then(|t| t.real_eigenvalues)));
        all.push(self.quantity("non-normality (Henrici)", |s| s.non_normality, None));
        let typical = self.origin.plain_gain().map(|gain| gain * median / n);
        all.push(self.quantity("smallest singular value", |s| s.smallest_singular_value, typical));
        all
    }

    /// Place of an outlier; its imaginary part only where there is one.
    fn outlier(&self, k: usize, outlier: &Outlier) -> Vec<Quantity> {
        let name = |part: &str| format!("outlier {}{part}", k + 1);
        let complex = outlier.value.im != 0.0;
        let part = if complex { ", real part" } else { "" };
        let mut parts = vec![self.quantity(&name(part), |s| s.outliers[k].re, Some(outlier.value.re))];
        parts[0].predicted_sd = Some(outlier.deviation);
        if complex {
            parts.push(self.quantity(&name(", imaginary part"), |s| s.outliers[k].im, Some(outlier.value.im)));
        }
        parts
    }

    /// The result with `--json`.
    pub fn document(&self, folder: &Path) -> Document<'_> {
        Document {
            folder: folder.display().to_string(),
            law: &self.origin.name,
            neurons: self.neurons(),
            samples: self.spectra.len(),
            stable: self.spectra[0].largest_real < 1.0,
            quantities: self.quantities(),
        }
    }

    /// The result for people.
    pub fn text(&self, folder: &Path) -> String {
        let samples = self.spectra.len();
        let matrices = if samples == 1 { "1 matrix".to_string() } else { format!("{samples} matrices (mean ± standard deviation)") };
        let mut grid = vec![["quantity", "found", "predicted"].map(String::from).to_vec()];
        for q in self.quantities() {
            let predicted = q.predicted.map_or("–".to_string(), |p| pair(p, q.predicted_sd.filter(|&sd| sd > 0.0)));
            grid.push(vec![q.name, pair(q.mean, q.sd), predicted]);
        }
        let linear = if self.origin.state == "rest" { "With this J and a slope of 1" } else { "With the slopes of phi there" };
        let rest = if self.spectra[0].largest_real < 1.0 { "stable" } else { "unstable" };
        format!(
            "{}: {} neurons, {matrices}\n{}{linear}, {} is {rest} (largest real part {:.4}, limit 1)\nWritten to {}",
            self.origin.name,
            self.neurons(),
            align(&grid),
            self.origin.state,
            self.spectra[0].largest_real,
            folder.display()
        )
    }

    /// `eigenvalues_real` and `eigenvalues_imaginary` (matrices × N), and the edge of the predicted support.
    fn arrays(&self) -> Result<Arrays> {
        let (rows, n) = (self.spectra.len(), self.neurons());
        let mut arrays = Arrays::default();
        arrays.push("eigenvalues_real", Array::from(&DMatrix::from_fn(rows, n, |k, i| self.spectra[k].eigenvalues[i].re)));
        arrays.push("eigenvalues_imaginary", Array::from(&DMatrix::from_fn(rows, n, |k, i| self.spectra[k].eigenvalues[i].im)));
        if let Some(prediction) = self.origin.prediction() {
            let (re, im): (Vec<f64>, Vec<f64>) = prediction.bulk.outline(360).into_iter().unzip();
            arrays.push("support_real", Array::vector(re));
            arrays.push("support_imaginary", Array::vector(im));
        }
        Ok(arrays)
    }

    /// One row per matrix.
    fn table(&self, path: &Path) -> Result<()> {
        let mut header: Vec<String> = [
            "matrix",
            "neurons",
            "largest_modulus",
            "largest_real_part",
            "inside_support",
            "beyond_support",
            "real_eigenvalues",
            "non_normality",
            "smallest_singular_value",
        ]
        .map(String::from)
        .to_vec();
        let outliers = self.spectra[0].outliers.len();
        header.extend((1..=outliers).flat_map(|k| [format!("outlier_{k}_real"), format!("outlier_{k}_imaginary")]));
        let names: Vec<&str> = header.iter().map(String::as_str).collect();
        let row = |(k, s): (usize, &Spectrum)| {
            let mut cells = vec![k.to_string(), s.eigenvalues.len().to_string()];
            cells.extend([s.eigenvalues[0].norm(), s.largest_real].map(|v| v.to_string()));
            cells.push(s.inside.map_or(String::new(), |v| v.to_string()));
            cells.push(s.beyond.map_or(String::new(), |v| v.to_string()));
            cells.push(s.real.to_string());
            cells.extend([s.non_normality, s.smallest_singular_value].map(|v| v.to_string()));
            cells.extend(s.outliers.iter().flat_map(|z| [z.re.to_string(), z.im.to_string()]));
            cells
        };
        write_rows(path, &names, self.spectra.iter().enumerate().map(row))
    }
}

/// The right end of the predicted spectrum.
fn largest_real(prediction: &Prediction) -> f64 {
    let bulk = prediction.bulk.outline(4).into_iter().map(|(re, _)| re).fold(f64::NEG_INFINITY, f64::max);
    prediction.outliers.iter().map(|outlier| outlier.value.re).fold(bulk, f64::max)
}

/// `value ± sd` in about five digits.
fn pair(value: f64, sd: Option<f64>) -> String {
    let digits = |v: f64| match v.abs() {
        a if a != 0.0 && a < 1e-3 => format!("{v:.3e}"),
        _ if v.fract() == 0.0 && v.abs() < 1e6 => format!("{v}"),
        _ => format!("{v:.4}"),
    };
    sd.map_or_else(|| digits(value), |sd| format!("{} ± {}", digits(value), digits(sd)))
}
