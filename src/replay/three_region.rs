//! Records of the published three-region simulation (Perich et al. 2020).
//!
//! The program divides the rates of each region by their largest value and keeps neither that value nor the states. The three largest
//! values are the only unknowns of the recursion; they follow from it by least squares.

use super::comparison::Comparison;
use crate::connectivity::Connectivity;
use crate::error::{Error, Result};
use crate::io::Arrays;
use crate::linalg::product;
use crate::network::Network;
use crate::nonlinearity::Tanh;
use crate::prediction::one_step;
use crate::recording::Recording;
use crate::regions::Regions;
use nalgebra::{DMatrix, Matrix3, Vector3};

pub(super) const KEYS: &[&str] = &[
    "Ra", "Rb", "Rc", "Rseq", "Rfp", "tData", "Ja", "Jb", "Jc", "w_A2B", "w_A2C", "w_B2A", "w_B2C", "w_C2A", "w_C2B", "w_Seq2B", "w_Fix2C",
];

const NAMES: [&str; 3] = ["A", "B", "C"];
const RATES: [&str; 3] = ["Ra", "Rb", "Rc"];
const TOLERANCE: f64 = 1e-9;
/// Newton steps for the three largest values; fewer than ten are needed from anywhere near.
const NEWTON_STEPS: usize = 60;

pub(super) fn run(arrays: &Arrays, comparison: &mut Comparison) -> Result<()> {
    let record = Record::read(arrays)?;
    let maxima = record.maxima()?;
    let ahead = one_step(&record.network, &record.recording(&maxima)?, 1)?;
    let units = record.units;
    for (region, name) in RATES.iter().enumerate() {
        let rows = |rates: &DMatrix<f64>| (rates.rows(region * units, units) / maxima[region]).transpose();
        let (ours, theirs) = (rows(&ahead.rates), rows(&ahead.recorded));
        let label = format!("{name} one step ahead");
        comparison.push(&label, &[units, ahead.samples.len()], theirs.as_slice(), ours.as_slice(), TOLERANCE);
    }
    Ok(())
}

/// What the file says of the run.
struct Record {
    units: usize,
    network: Network,
    /// Rates divided by the maximum of their region, all units × time.
    scaled: DMatrix<f64>,
    /// External input, all units × time.
    inputs: DMatrix<f64>,
    /// Seconds between columns.
    dt: f64,
}

impl Record {
    fn read(arrays: &Arrays) -> Result<Self> {
        let units = arrays.get("Ra")?.to_matrix()?.nrows();
        let times = arrays.get("tData")?.values();
        let samples = times.len();
        if units == 0 || samples < 3 {
            return Err(Error::shape("recorded three-region run", "units and at least 3 times", format!("{units} and {samples}")));
        }
        let mut scaled = DMatrix::zeros(3 * units, samples);
        for (region, name) in RATES.iter().enumerate() {
            scaled.rows_mut(region * units, units).copy_from(&shaped(arrays, name, units, samples)?);
        }
        let mut inputs = DMatrix::zeros(3 * units, samples);
        for (region, drive, mask, amplitude) in [(1, "Rseq", "w_Seq2B", 1.0), (2, "Rfp", "w_Fix2C", -1.0)] {
            let (drive, mask) = (shaped(arrays, drive, units, samples)?, shaped(arrays, mask, units, 1)?);
            let amplitude = optional(arrays, if region == 1 { "ampInB" } else { "ampInC" }, amplitude)?;
            inputs.rows_mut(region * units, units).copy_from(&DMatrix::from_fn(units, samples, |i, k| amplitude * mask[i] * drive[(i, k)]));
        }
        let regions = Regions::new(NAMES.map(|name| (name, units)))?;
        let tau = optional(arrays, "tau", 0.1)?;
        let network = Network::new(regions, Connectivity::dense(connectivity(arrays, units)?)?, Tanh, &[tau])?;
        let dt = (times[samples - 1] - times[0]) / (samples - 1) as f64;
        Ok(Record { units, network, scaled, inputs, dt })
    }

    /// The rates as they were, with the drives.
    fn recording(&self, maxima: &[f64; 3]) -> Result<Recording> {
        let rates = DMatrix::from_fn(self.scaled.nrows(), self.scaled.ncols(), |i, k| maxima[i / self.units] * self.scaled[(i, k)]);
        let mut recording = Recording::new(rates, self.dt, self.network.regions.clone())?;
        recording.inputs = Some(self.inputs.clone());
        Ok(recording)
    }

    /// The largest rate of each region: Gauss–Newton on e = h_{k+1} - (1 - z) h_k - z (J r_k + u_k), h = artanh(r), r = maximum · scaled.
    fn maxima(&self) -> Result<[f64; 3]> {
        let drives: Vec<DMatrix<f64>> = (0..3).map(|region| self.drive_of(region)).collect();
        let mut maxima = Vector3::repeat(0.9);
        let mut residual = self.normal_equations(&maxima, &drives).2;
        for _ in 0..NEWTON_STEPS {
            let (matrix, gradient, _) = self.normal_equations(&maxima, &drives);
            let Some(step) = matrix.lu().solve(&gradient) else { break };
            let mut fraction = 1.0;
            // Steps that leave (0, 1) or do not help are halved.
            let improved = loop {
                let trial: Vector3<f64> = maxima - step * fraction;
                let inside = trial.iter().all(|&m| m > 0.0 && m < 1.0);
                let found = if inside { self.normal_equations(&trial, &drives).2 } else { f64::INFINITY };
                if found < residual {
                    (maxima, residual) = (trial, found);
                    break true;
                }
                fraction *= 0.5;
                if fraction < 1e-12 {
                    break false;
                }
            };
            if !improved {
                break;
            }
        }
        Ok(maxima.into())
    }

    /// J r_k of the rates of one region, before its maximum is multiplied in.
    fn drive_of(&self, region: usize) -> DMatrix<f64> {
        let (start, units) = (region * self.units, self.units);
        let weights = self.network.connectivity.to_dense().columns(start, units).into_owned();
        product(&weights, &self.scaled.rows(start, units).into_owned())
    }

    /// Matrix and right-hand side of one Gauss–Newton step, and the sum of squares.
    fn normal_equations(&self, maxima: &Vector3<f64>, drives: &[DMatrix<f64>]) -> (Matrix3<f64>, Vector3<f64>, f64) {
        let z = self.dt / self.network.tau[0];
        let (mut matrix, mut gradient, mut sum) = (Matrix3::zeros(), Vector3::zeros(), 0.0);
        for k in 0..self.scaled.ncols() - 1 {
            for i in 0..self.scaled.nrows() {
                let own = i / self.units;
                let (now, next) = (self.scaled[(i, k)], self.scaled[(i, k + 1)]);
                let state = |rate: f64| (maxima[own] * rate).atanh();
                let slope = |rate: f64| rate / (1.0 - (maxima[own] * rate).powi(2));
                let mut error = state(next) - (1.0 - z) * state(now) - z * self.inputs[(i, k)];
                let mut row = Vector3::zeros();
                row[own] = slope(next) - (1.0 - z) * slope(now);
                for source in 0..3 {
                    error -= z * maxima[source] * drives[source][(i, k)];
                    row[source] -= z * drives[source][(i, k)];
                }
                matrix += row * row.transpose();
                gradient += row * error;
                sum += error * error;
            }
        }
        (matrix, gradient, sum)
    }
}

/// Blocks within the regions, and one-to-one links of the recorded (default 0.2) amplitude between them.
fn connectivity(arrays: &Arrays, units: usize) -> Result<DMatrix<f64>> {
    let link = optional(arrays, "amplitude", 0.2)?;
    let mut j = DMatrix::zeros(3 * units, 3 * units);
    for (target, name) in ["Ja", "Jb", "Jc"].into_iter().enumerate() {
        j.view_mut((target * units, target * units), (units, units)).copy_from(&shaped(arrays, name, units, units)?);
        for source in (0..3).filter(|&source| source != target) {
            let mask = shaped(arrays, &format!("w_{}2{}", NAMES[source], NAMES[target]), units, 1)?;
            (0..units).for_each(|i| j[(target * units + i, source * units + i)] = link * mask[i]);
        }
    }
    Ok(j)
}

fn optional(arrays: &Arrays, name: &str, default: f64) -> Result<f64> {
    arrays.find(name).map_or(Ok(default), |array| array.scalar())
}

/// The array `name`, rows × columns or (for one column) a plain vector.
fn shaped(arrays: &Arrays, name: &str, rows: usize, columns: usize) -> Result<DMatrix<f64>> {
    let array = arrays.get(name)?;
    if array.values().len() != rows * columns {
        return Err(Error::shape(format!("recorded array '{name}'"), format!("{rows} × {columns}"), array.describe()));
    }
    Ok(DMatrix::from_row_slice(rows, columns, array.values()))
}
