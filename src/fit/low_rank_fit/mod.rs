//! LowRankFit: least squares in current space with a J of low rank.

mod wired;

use self::wired::Wired;
use super::ridge::path::{Path, Regression};
use super::targets::{decay_per_sample, drives, has_successor, states};
use super::{Fit, Fitted, KnownInputs, Normalisation, Pass, Watch, check_recording};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range};
use crate::linalg::product;
use crate::metric::variance_explained;
use crate::network::{Network, expand_tau};
use crate::nonlinearity::{AnyNonlinearity, Nonlinearity};
use crate::prediction::one_step;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// J = argmin |Y - J R|² + lambda s_1² |J|² over matrices of a rank (reduced-rank ridge regression: Izenman 1975; Mukherjee & Zhu 2011).
///
/// Targets, rates and penalties are those of [`Ridge`](super::Ridge). The minimum is the ridge solution projected on the leading directions
/// of what it explains. The rank is given, or chosen together with the penalty by the error on held-out blocks of time.
///
/// With an anatomy a the matrix X = U V^T of low rank is what the synapses scale, J_ik = √a_ik X_ik (a mask of zeros and ones: low rank where
/// there is a synapse, as in sparse networks of low rank: Herbert & Ostojic 2022), and the penalty is on |X|²; equal a_ik give the problem above.
/// J itself has then no low rank. There is no closed form: the search alternates between U and V from the ridge solution and ends at a minimum
/// near it. The ridge's own penalty chooses the rank, and with this rank the penalty is chosen again: with a mask of its own for each neuron,
/// seconds for 100 neurons and a minute for 300; less where the rank is given.
///
/// ```
/// use crosscurrent::{Clock, Ensemble, Fit, Network, Regions, Seed, Simulation, ensemble::LowRank, fit::LowRankFit, nonlinearity::Tanh};
/// let regions = Regions::single("all", 30)?;
/// let network = Network::new(regions.clone(), LowRank::default().sample(&regions, Seed(1))?, Tanh, &[0.1])?;
/// let recording = Simulation { clock: Clock::new(0.01, 5.0)?, transient: 0.0, ..Default::default() }.run(&network)?;
/// let fitted = LowRankFit { rank: Some(2), ..Default::default() }.fit(&recording, Seed(0))?;
/// assert!(fitted.network.connectivity.to_dense().rank(1e-9) <= 2);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LowRankFit {
    /// Rank of J, at least 1; default chosen among 1, 2, 3, 5, 8, 13, … up to the number of neurons.
    pub rank: Option<usize>,
    /// Time constants in s: one for all, one per region or one per neuron; default 0.1.
    pub tau: Vec<f64>,
    /// Default tanh.
    pub nonlinearity: AnyNonlinearity,
    /// Penalties to choose from, relative to the largest squared singular value of the rates; default 1e-14, 1e-13, … 1.
    pub penalties: Vec<f64>,
    /// Blocks of time, each held out once, to choose by; at least 2, default 5.
    pub blocks: usize,
    /// Recorded external inputs: subtracted from the drive (the default) or ignored.
    pub inputs: KnownInputs,
    /// Default none.
    pub normalisation: Normalisation,
    /// Rates are clipped this share of the range of phi away from its limits; in [0, 0.5), default 0.
    pub clip: f64,
    /// Euler steps per sample that generated the data; at least 1, default 1.
    pub steps_per_sample: usize,
}

impl Default for LowRankFit {
    fn default() -> Self {
        LowRankFit {
            rank: None,
            tau: vec![0.1],
            nonlinearity: AnyNonlinearity::default(),
            penalties: (0..=14).map(|k| 10_f64.powi(k - 14)).collect(),
            blocks: 5,
            inputs: KnownInputs::Subtract,
            normalisation: Normalisation::None,
            clip: 0.0,
            steps_per_sample: 1,
        }
    }
}

impl LowRankFit {
    fn check(&self) -> Result<()> {
        in_range("clip", self.clip, 0.0..0.5, "in [0, 0.5)")?;
        let least = [("rank", self.rank.unwrap_or(1), 1), ("blocks", self.blocks, 2), ("steps per sample", self.steps_per_sample, 1)];
        if let Some((name, value, least)) = least.into_iter().find(|(_, value, least)| value < least) {
            return Err(Error::parameter(name, value, format!("at least {least}")));
        }
        if self.penalties.is_empty() {
            return Err(Error::parameter("penalties", "none", "at least one"));
        }
        if self.inputs == KnownInputs::Regress {
            return Err(Error::parameter("inputs", "regress", "subtract or ignore: this method does not fit gains of inputs"));
        }
        self.nonlinearity.check()?;
        self.penalties.iter().try_for_each(|&p| in_range("penalty", p, 0.0.., "at least 0").map(|_| ()))
    }

    /// Fibonacci numbers up to the number of neurons, and that number.
    fn ranks(&self, neurons: usize) -> Vec<usize> {
        if let Some(rank) = self.rank {
            return vec![rank];
        }
        let (mut ranks, mut next) = (Vec::new(), (1, 2));
        while next.0 < neurons {
            ranks.push(next.0);
            next = (next.1, next.0 + next.1);
        }
        ranks.push(neurons);
        ranks
    }

    /// The penalty and the rank with the smallest squared error over all held-out blocks.
    fn choose(&self, regression: &Regression, anatomy: Option<&DMatrix<f64>>) -> Result<(f64, usize)> {
        let samples = regression.rates.ncols();
        if samples < 2 * self.blocks {
            let remedy = format!("{} blocks need at least {}", self.blocks, 2 * self.blocks);
            return Err(Error::data("the recording", format!("{samples} usable samples"), remedy));
        }
        let held = |block: usize| block * samples / self.blocks..(block + 1) * samples / self.blocks;
        let split = |block: usize| -> Result<(Solver, Regression)> {
            let held = held(block);
            Ok((Solver::new(&regression.samples(|k| !held.contains(&k)), anatomy)?, regression.samples(|k| held.contains(&k))))
        };
        let splits = (0..self.blocks).map(split).collect::<Result<Vec<_>>>()?;
        let neurons = regression.targets.nrows();
        let ranks = self.ranks(neurons);
        if anatomy.is_none() {
            return best(&splits, &self.penalties, &ranks);
        }
        let rank = match ranks[..] {
            [rank] => rank,
            _ => best(&splits, &[best(&splits, &self.penalties, &[neurons])?.0], &ranks)?.1,
        };
        best(&splits, &self.penalties, &[rank])
    }
}

/// What solves the problem for one set of samples.
enum Solver {
    Whole(Path),
    Wired(Wired),
}

impl Solver {
    fn new(regression: &Regression, anatomy: Option<&DMatrix<f64>>) -> Result<Self> {
        match anatomy {
            None => Ok(Solver::Whole(Path::new(regression)?)),
            Some(anatomy) => Ok(Solver::Wired(Wired::new(regression, anatomy)?)),
        }
    }

    fn solve(&self, penalty: f64, ranks: &[usize]) -> Result<Vec<DMatrix<f64>>> {
        match self {
            Solver::Whole(path) => path.solve_low_rank(penalty, ranks),
            Solver::Wired(wired) => wired.solve(penalty, ranks),
        }
    }
}

/// The penalty and the rank with the smallest sum of squared errors on what was held out of each split.
fn best(splits: &[(Solver, Regression)], penalties: &[f64], ranks: &[usize]) -> Result<(f64, usize)> {
    let errors = |(solver, test): &(Solver, Regression)| -> Result<DMatrix<f64>> {
        let mut errors = DMatrix::zeros(ranks.len(), penalties.len());
        for (column, &penalty) in penalties.iter().enumerate() {
            for (row, j) in solver.solve(penalty, ranks)?.iter().enumerate() {
                errors[(row, column)] = (&test.targets - product(j, &test.rates)).norm_squared();
            }
        }
        Ok(errors)
    };
    let errors = splits.par_iter().map(errors).collect::<Result<Vec<_>>>()?;
    let errors = errors.into_iter().fold(DMatrix::zeros(ranks.len(), penalties.len()), |sum, errors| sum + errors);
    let best = errors.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(at, _)| at);
    Ok((penalties[best / ranks.len()], ranks[best % ranks.len()]))
}

impl Fit for LowRankFit {
    fn fit_watched(&self, recording: &Recording, _seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        self.check()?;
        check_recording(recording)?;
        let scale = self.normalisation.scale(recording, f64::abs);
        let rates = DMatrix::from_fn(recording.neurons(), recording.samples(), |i, k| recording.rates[(i, k)] / scale[i]);
        let tau = expand_tau(&self.tau, &recording.regions)?;
        let decay = decay_per_sample(recording.clock.dt(), &tau, self.steps_per_sample);
        let mut targets = drives(&states(&*self.nonlinearity, &rates, self.clip)?, &decay);
        let inputs = recording.inputs.clone().filter(|_| self.inputs == KnownInputs::Subtract);
        if let Some(inputs) = &inputs {
            targets -= inputs;
        }
        let follows = has_successor(recording);
        let regression = Regression { rates: rates.clone(), targets, regressors: None }.samples(|k| follows[k]);
        let anatomy = recording.anatomy.as_ref();
        let (penalty, rank) = self.choose(&regression, anatomy)?;
        let j = Solver::new(&regression, anatomy)?.solve(penalty, &[rank])?.remove(0);
        let nonlinearity = Arc::new(self.nonlinearity.clone());
        let network = Network::from_parts(recording.regions.clone(), Connectivity::dense(j)?, nonlinearity, &tau)?;
        let model = Recording { rates, inputs: inputs.clone(), ..recording.clone() };
        let ahead = one_step(&network, &model, self.steps_per_sample)?;
        let chi2 = (&ahead.recorded - &ahead.rates).norm_squared() / recording.neurons() as f64;
        let pass = Pass { learning: true, chi2, variance_explained: variance_explained(&ahead.recorded, &ahead.rates), held_out: None };
        if watch(&pass) == ControlFlow::Break(()) {
            return Err(Error::Cancelled);
        }
        Ok(Fitted {
            network,
            sample_columns: (0..model.samples()).collect(),
            model,
            history: vec![pass],
            initial: None,
            scale,
            steps_per_sample: self.steps_per_sample,
            inputs,
            posterior: None,
            latent_inputs: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::linalg::singular_values;
    use crate::metric::correlation;
    use crate::noise::Noise;
    use crate::nonlinearity::Tanh;
    use crate::regions::Regions;
    use crate::simulation::Simulation;

    /// A network of rank 2 that turns: J = 2 (u v^T - v u^T) + 1.5 (u u^T + v v^T) with orthonormal u and v, where `synapse` says that there is one.
    fn simulated_where(synapse: impl Fn(usize, usize) -> bool) -> (DMatrix<f64>, Recording) {
        let n = 30;
        let (mut u, mut v) =
            (DMatrix::from_fn(n, 1, |i, _| (0.7 * i as f64).sin()), DMatrix::from_fn(n, 1, |i, _| (1.9 * i as f64 + 1.0).cos()));
        u /= u.norm();
        v -= &u * u.dot(&v);
        v /= v.norm();
        let mut j = (&u * v.transpose() - &v * u.transpose()) * 2.0 + (&u * u.transpose() + &v * v.transpose()) * 1.5;
        let anatomy = DMatrix::from_fn(n, n, |i, k| if synapse(i, k) { 1.0 } else { 0.0 });
        j.component_mul_assign(&anatomy);
        let network = Network::new(Regions::single("all", n).unwrap(), Connectivity::dense(j.clone()).unwrap(), Tanh, &[0.1]).unwrap();
        let simulation = Simulation { clock: Clock::new(0.01, 12.0).unwrap(), noise: Noise::White { strength: 0.3 }, ..Default::default() };
        (j, Recording { anatomy: Some(anatomy), ..simulation.run(&network).unwrap() })
    }

    fn simulated() -> (DMatrix<f64>, Recording) {
        let (j, recording) = simulated_where(|_, _| true);
        (j, Recording { anatomy: None, ..recording })
    }

    #[test]
    fn the_rank_of_the_truth_is_chosen_and_beats_full_rank() {
        let (j, recording) = simulated();
        let found = |rank| LowRankFit { rank, ..Default::default() }.fit(&recording, Seed(0)).unwrap().network.connectivity.to_dense();
        let chosen = found(None);
        let values = singular_values(&chosen).unwrap();
        assert!(values[2] < 1e-9 * values[0] && values[1] > 0.1 * values[0], "{values:?}");
        let (low, full) = (correlation(&j, &chosen), correlation(&j, &found(Some(30))));
        assert!(low > 0.9 && low > full, "{low} {full}");
    }

    #[test]
    fn a_known_mask_of_synapses_helps_and_so_does_the_rank_under_it() {
        let (j, masked) = simulated_where(|i, k| (i * 7 + k * 5) % 11 < 6);
        let found = |rank, recording: &Recording| {
            let fitted = LowRankFit { rank, ..Default::default() }.fit(recording, Seed(0)).unwrap();
            correlation(&j, &fitted.network.connectivity.to_dense())
        };
        let (told, not_told) = (found(None, &masked), found(None, &Recording { anatomy: None, ..masked.clone() }));
        let (two, full) = (found(Some(2), &masked), found(Some(30), &masked));
        println!("J: {told:.3} with the mask, {full:.3} at full rank with it, {not_told:.3} without it");
        assert!(told > not_told && told > full && two > 0.9, "{told} {not_told} {two} {full}");
    }

    #[test]
    fn no_other_matrix_of_the_rank_is_better() {
        let (_, recording) = simulated();
        let (rates, penalty) = (recording.rates.columns(0, 200).into_owned(), 1e-3);
        let targets = DMatrix::from_fn(30, 200, |i, k| rates[((i + 3) % 30, (k * 7) % 200)]);
        let regression = Regression { rates: rates.clone(), targets: targets.clone(), regressors: None };
        let best = Path::new(&regression).unwrap().solve_low_rank(penalty, &[3]).unwrap().remove(0);
        let ridge = penalty * singular_values(&rates).unwrap()[0].powi(2);
        let cost = |j: &DMatrix<f64>| (&targets - j * &rates).norm_squared() + ridge * j.norm_squared();
        for k in 0..10 {
            let turn = DMatrix::from_fn(30, 30, |a, b| if a == b { 1.0 } else { 1e-3 * ((a * 3 + b * 5 + k) as f64).sin() });
            assert!(cost(&(&turn * &best)) > cost(&best) && cost(&(&best * &turn)) > cost(&best));
        }
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let (_, recording) = simulated();
        let bad = |fit: LowRankFit| fit.fit(&recording, Seed(0)).unwrap_err().to_string();
        assert!(bad(LowRankFit { rank: Some(0), ..Default::default() }).contains("rank"));
        assert!(bad(LowRankFit { blocks: 1, ..Default::default() }).contains("blocks"));
        assert!(bad(LowRankFit { inputs: KnownInputs::Regress, ..Default::default() }).contains("regress"));
        assert_eq!(LowRankFit::default().ranks(14), [1, 2, 3, 5, 8, 13, 14]);
        assert_eq!(LowRankFit::default().ranks(1), [1]);
    }
}
