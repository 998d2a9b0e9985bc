//! Stationary chaos of block networks: the autocovariance of every block.

use super::collocation::HalfLine;
use super::newton::Problem;
use super::{Blocks, perron_value, perron_vector};
use crate::error::{Error, Result};
use crate::theory::{average, root};
use nalgebra::{DMatrix, DVector};

/// Longest lag in units of the slowest decay: what is cut off is exp(-28), 1e-12.
const REACH: f64 = 28.0;

/// Perron eigenvalue near the transition at which the known form of the solution is a good first guess.
const START: f64 = 1.15;

/// Nodes of the first solution, and the most that are tried.
const INTERVALS: (usize, usize) = (48, 160);

/// Two grids have to agree on every variance to this relative difference.
const AGREEMENT: f64 = 1e-6;

/// Chaotic activity of a block network.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockChaos {
    /// Delta_a(0), variance of x of the units of each block.
    pub variances: Vec<f64>,
    /// q_a = <phi²>, of their rates.
    pub rates: Vec<f64>,
    /// Time constant of the slowest decay, in units of tau.
    pub tail: f64,
    line: HalfLine,
    /// Values at the lags, one block after the other.
    values: DVector<f64>,
}

impl BlockChaos {
    /// A guess at another Perron eigenvalue: with eps = sqrt(eigenvalue) - 1 the variance grows like eps, at all gains to within a tenth;
    /// time goes like 1 / eps near the transition and settles far from it.
    fn predicted(&self, from: f64, to: f64) -> BlockChaos {
        let excess = from.sqrt() - 1.0;
        let ratio = (to.sqrt() - 1.0) / excess;
        let line = self.line.stretched(ratio.powf(-1.0 / (1.0 + excess)));
        BlockChaos { values: &self.values * ratio, tail: self.tail * line.lags[0] / self.line.lags[0], line, ..self.clone() }
    }

    /// Delta_a(lag), the autocovariance of x of the units of block `block` (from 0).
    ///
    /// # Panics
    /// If there is no such block.
    pub fn autocovariance(&self, block: usize, lag: f64) -> f64 {
        let nodes = self.line.len();
        self.line.interpolate(&self.values.as_slice()[block * nodes..(block + 1) * nodes], lag)
    }

    /// Lag at which the autocovariance of a block is half of its variance.
    ///
    /// # Errors
    /// [`Error::NotConverged`] for a block that is silent.
    pub fn half_width(&self, block: usize) -> Result<f64> {
        let excess = |lag: f64| self.autocovariance(block, lag) - 0.5 * self.variances[block];
        root("half width of an autocovariance", (0.0, 0.99 * self.line.lags[0]), 1e-9, excess)
    }
}

impl Blocks {
    /// The chaotic state; none where the radius is at most 1 and the origin is stable.
    ///
    /// ```text
    /// Delta_a - tau_a² Delta_a'' = sum_b Q_ab C_b(Delta_b; Delta_b(0))        Delta_a'(0) = 0, Delta_a -> 0
    /// ```
    ///
    /// with C_b = ⟨phi phi⟩ of a pair of that variance and covariance. There is no conserved energy for more than one block, so all lags are
    /// solved at once: Chebyshev collocation on a stretched half line and Newton's method, continued in the gain from just above the
    /// transition, where Delta_a follows the Perron eigenvector and sech. The number of nodes grows until the variances no longer change.
    ///
    /// ```
    /// use crosscurrent::theory::Blocks;
    /// use nalgebra::dmatrix;
    /// // One block is the random network of Sompolinsky, Crisanti & Sommers (1988).
    /// let network = Blocks { fractions: vec![1.0], gains: dmatrix![2.0], tau: vec![1.0] };
    /// let chaos = network.chaotic()?.expect("a gain of 2 is above 1");
    /// assert!((chaos.variances[0] - 1.92481).abs() < 1e-5);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Blocks::coupling`]; gains whose chaos splits into parts that do not excite each other; [`Error::NotConverged`].
    pub fn chaotic(&self) -> Result<Option<BlockChaos>> {
        let coupling = self.coupling()?;
        let perron = perron_value(&coupling);
        if perron <= 1.0 + 1e-9 {
            return Ok(None);
        }
        let (mut scale, mut state) = self.first(&coupling, perron)?;
        let mut factor = 1.2_f64;
        while scale < 1.0 {
            let next = (scale * factor).min(1.0);
            let found = self.refined(&(&coupling * next), &state.predicted(scale * perron, next * perron), INTERVALS.0);
            match found.and_then(|found| alive(found, &state)).and_then(descending) {
                Ok(found) => (state, scale, factor) = (found, next, (factor * factor).min(1.6)),
                Err(error) if factor < 1.002 => return Err(error),
                Err(_) => factor = factor.sqrt(),
            }
        }
        self.converged(&coupling, state).and_then(|state| excited(&coupling, state)).map(Some)
    }

    /// The solution at the largest of some eigenvalues near the transition at which the known form leads to it, and its share of `perron`.
    fn first(&self, coupling: &DMatrix<f64>, perron: f64) -> Result<(f64, BlockChaos)> {
        let mut excess = START.min(perron) - 1.0;
        loop {
            let value = 1.0 + excess;
            match self.near_transition(coupling, perron, value).and_then(descending) {
                Ok(state) => return Ok((value / perron, state)),
                Err(error) if excess < 0.01 => return Err(error),
                Err(_) => excess *= 0.6,
            }
        }
    }

    /// Just above the transition Delta_a = A u_a sech(k tau), u the right Perron eigenvector; A and k from the projection on the left one.
    fn near_transition(&self, coupling: &DMatrix<f64>, perron: f64, value: f64) -> Result<BlockChaos> {
        let scaled = coupling * (value / perron);
        let (right, left) = (perron_vector(&scaled)?, perron_vector(&scaled.transpose())?);
        let moment = |power: i32, tau_power: i32| -> f64 {
            (0..right.len()).map(|a| left[a] * right[a].powi(power) * self.tau[a].powi(tau_power)).sum()
        };
        let amplitude = (value - 1.0) * moment(1, 0) / (2.0 * value * moment(2, 0));
        let rate = amplitude * (value * moment(3, 0) / (3.0 * moment(1, 2))).sqrt();
        let line = self.half_line(1.0 / rate, INTERVALS.0);
        let shape = |a: usize| right[a] * amplitude;
        let values = line_values(&line, right.len(), |a, lag| shape(a) / (rate * lag).cosh());
        let values = Problem { coupling: &scaled, tau: &self.tau, line: &line }.solve(values)?;
        self.state(&scaled, line, values)
    }

    /// The solution for `coupling` that is near `guess`, on a grid that fits the decay of the guess.
    fn refined(&self, coupling: &DMatrix<f64>, guess: &BlockChaos, intervals: usize) -> Result<BlockChaos> {
        let line = self.half_line(guess.tail, intervals);
        let values = line_values(&line, self.tau.len(), |a, lag| guess.autocovariance(a, lag));
        let values = Problem { coupling, tau: &self.tau, line: &line }.solve(values)?;
        self.state(coupling, line, values)
    }

    /// More nodes until two grids agree.
    fn converged(&self, coupling: &DMatrix<f64>, mut state: BlockChaos) -> Result<BlockChaos> {
        let mut intervals = INTERVALS.0;
        let mut difference = f64::INFINITY;
        while intervals < INTERVALS.1 {
            intervals = intervals * 4 / 3;
            let finer = self.refined(coupling, &state, intervals)?;
            let scale = finer.variances.iter().copied().fold(0.0, f64::max);
            difference = finer.variances.iter().zip(&state.variances).map(|(new, old)| (new - old).abs() / scale).fold(0.0, f64::max);
            state = finer;
            if difference < AGREEMENT {
                return Ok(state);
            }
        }
        let what = "autocovariances of the blocks over the number of lags".into();
        Err(Error::NotConverged { what, residual: difference, iterations: intervals, tolerance: AGREEMENT })
    }

    fn half_line(&self, tail: f64, intervals: usize) -> HalfLine {
        let fastest = self.tau.iter().copied().fold(f64::INFINITY, f64::min);
        HalfLine::new(REACH * tail, fastest, intervals)
    }

    fn state(&self, coupling: &DMatrix<f64>, line: HalfLine, values: DVector<f64>) -> Result<BlockChaos> {
        let nodes = line.len();
        let variances: Vec<f64> = (0..self.tau.len()).map(|a| values[(a + 1) * nodes - 1].max(0.0)).collect();
        let rates = variances.iter().map(|&v| average(0.0, v, |x| x.tanh().powi(2))).collect();
        let tail = self.tail(coupling, &variances)?;
        Ok(BlockChaos { variances, rates, tail, line, values })
    }

    /// Slowest decay: small Delta obey tau_a² Delta_a'' = Delta_a - sum_b Q_ab <phi'>_b² Delta_b, solved by exp(-lag / tail).
    fn tail(&self, coupling: &DMatrix<f64>, variances: &[f64]) -> Result<f64> {
        let slopes: Vec<f64> = variances.iter().map(|&v| average(0.0, v, |x| 1.0 - x.tanh().powi(2)).powi(2)).collect();
        let blocks = self.tau.len();
        let rates = DMatrix::from_fn(blocks, blocks, |a, b| {
            let own = if a == b { 1.0 } else { 0.0 };
            (own - coupling[(a, b)] * slopes[b]) / self.tau[a].powi(2)
        });
        let slowest = rates.complex_eigenvalues().iter().map(|z| z.re).fold(f64::INFINITY, f64::min);
        if slowest > 0.0 {
            return Ok(1.0 / slowest.sqrt());
        }
        Err(Error::NotConverged { what: "decay of the autocovariances".into(), residual: slowest, iterations: 0, tolerance: 0.0 })
    }
}

fn line_values(line: &HalfLine, blocks: usize, f: impl Fn(usize, f64) -> f64) -> DVector<f64> {
    let values = (0..blocks).flat_map(|a| line.lags.iter().map(|&lag| f(a, lag)).collect::<Vec<_>>());
    DVector::from_iterator(blocks * line.len(), values)
}

/// Refuses a step of the continuation that fell back to the silent solution.
fn alive(found: BlockChaos, before: &BlockChaos) -> Result<BlockChaos> {
    let total = |state: &BlockChaos| state.variances.iter().sum::<f64>();
    let share = total(&found) / total(before);
    if share > 0.9 {
        return Ok(found);
    }
    Err(Error::NotConverged {
        what: "continuation of the chaotic state of the blocks".into(),
        residual: share,
        iterations: 0,
        tolerance: 0.9,
    })
}

/// Refuses states of other families, whose autocovariances have more than one hump.
fn descending(state: BlockChaos) -> Result<BlockChaos> {
    let nodes = state.line.len();
    let rise = |block: &[f64]| block.windows(2).map(|pair| pair[0] - pair[1]).fold(0.0, f64::max);
    let scale = state.variances.iter().copied().fold(0.0, f64::max);
    let worst = state.values.as_slice().chunks(nodes).map(rise).fold(0.0, f64::max) / scale;
    let tolerance = 1e-4;
    if worst < tolerance {
        return Ok(state);
    }
    Err(Error::NotConverged {
        what: "autocovariances of the blocks that fall with the lag".into(),
        residual: worst,
        iterations: 0,
        tolerance,
    })
}

/// Refuses a state in which blocks are silent that would be chaotic on their own.
fn excited(coupling: &DMatrix<f64>, state: BlockChaos) -> Result<BlockChaos> {
    let scale = state.variances.iter().copied().fold(0.0, f64::max);
    let silent: Vec<usize> = (0..state.variances.len()).filter(|&a| state.variances[a] < 1e-9 * scale).collect();
    let rest = DMatrix::from_fn(silent.len(), silent.len(), |i, j| coupling[(silent[i], silent[j])]);
    if silent.is_empty() || perron_value(&rest) <= 1.0 {
        return Ok(state);
    }
    Err(Error::parameter("gains", format!("{:?}", coupling.as_slice()), "blocks of which no chaotic part is cut off from another one"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn one(gain: f64) -> Blocks {
        Blocks { fractions: vec![1.0], gains: dmatrix![gain], tau: vec![1.0] }
    }

    #[test]
    fn one_block_is_the_random_network() {
        // Delta0, half width and tail of section 2.
        let table = [
            (1.05, 0.05283, 49.58, 37.70),
            (1.5, 0.74769, 7.846, 6.189),
            (2.0, 1.92481, 5.361, 4.385),
            (3.0, 5.44633, 4.084, 3.498),
            (10.0, 71.36809, 3.143, 2.910),
        ];
        for (gain, variance, width, tail) in table {
            let chaos = one(gain).chaotic().unwrap().unwrap();
            assert!((chaos.variances[0] / variance - 1.0).abs() < 1e-4, "g = {gain}: {}", chaos.variances[0]);
            assert!((chaos.half_width(0).unwrap() / width - 1.0).abs() < 1e-3, "g = {gain}");
            assert!((chaos.tail / tail - 1.0).abs() < 1e-3, "g = {gain}");
        }
        assert!(one(0.99).chaotic().unwrap().is_none());
    }

    #[test]
    fn equal_blocks_are_one_block() {
        let whole = one(1.7).chaotic().unwrap().unwrap();
        let gains = DMatrix::from_element(3, 3, 1.7);
        let parts = Blocks { fractions: vec![0.5, 0.3, 0.2], gains, tau: vec![1.0; 3] }.chaotic().unwrap().unwrap();
        for block in 0..3 {
            assert!((parts.variances[block] - whole.variances[0]).abs() < 1e-7);
            for lag in [0.5, 3.0, 20.0] {
                assert!((parts.autocovariance(block, lag) - whole.autocovariance(0, lag)).abs() < 1e-7);
            }
        }
    }

    #[test]
    fn a_slower_clock_stretches_time_and_nothing_else() {
        let slow = Blocks { tau: vec![25.0], ..one(2.0) }.chaotic().unwrap().unwrap();
        assert!((slow.variances[0] - 1.92481).abs() < 1e-4);
        assert!((slow.half_width(0).unwrap() / 25.0 - 5.361).abs() < 5e-3);
    }

    #[test]
    fn near_the_transition_activity_follows_the_perron_eigenvector() {
        let network = |scale: f64| Blocks { fractions: vec![0.6, 0.4], gains: dmatrix![1.1, 0.7; 1.4, 0.5] * scale, tau: vec![1.0, 3.0] };
        let radius = network(1.0).radius().unwrap();
        let pattern = network(1.0).critical_pattern().unwrap();
        let chaos = network(1.01 / radius).chaotic().unwrap().unwrap();
        let ratio = (chaos.variances[1] / chaos.variances[0]) / (pattern[1] / pattern[0]);
        assert!((ratio - 1.0).abs() < 0.03, "{ratio}");
    }

    #[test]
    fn equations_hold_between_the_nodes() {
        let gains = dmatrix![2.0, 1.0; 1.5, 0.3];
        let network = Blocks { fractions: vec![0.5, 0.5], gains, tau: vec![1.0, 8.0] };
        let (chaos, coupling) = (network.chaotic().unwrap().unwrap(), network.coupling().unwrap());
        let h = 0.01;
        for lag in [0.3, 1.7, 6.1, 21.0] {
            let pair = |b: usize| crate::theory::pair_average(0.0, chaos.variances[b], chaos.autocovariance(b, lag), f64::tanh);
            let drives = [pair(0), pair(1)];
            for a in 0..2 {
                let at = |lag: f64| chaos.autocovariance(a, lag);
                let curvature = (at(lag + h) - 2.0 * at(lag) + at(lag - h)) / (h * h);
                let drive = coupling[(a, 0)] * drives[0] + coupling[(a, 1)] * drives[1];
                let residual = at(lag) - network.tau[a].powi(2) * curvature - drive;
                assert!(residual.abs() < 1e-3 * chaos.variances[a], "block {a}, lag {lag}: {residual}");
            }
        }
    }

    #[test]
    fn time_constants_change_the_variance_of_a_mixed_network() {
        let mixed = |tau: f64| Blocks { fractions: vec![0.5, 0.5], gains: DMatrix::from_element(2, 2, 2.0), tau: vec![1.0, tau] };
        let [even, odd] = [1.0, 100.0].map(|tau| mixed(tau).chaotic().unwrap().unwrap());
        // Fast units follow the slow part of their current and add their own fluctuations; slow units average those away.
        assert!(odd.variances[0] > even.variances[0] + 0.05 && odd.variances[1] < even.variances[1] - 0.05, "{:?}", odd.variances);
        let widths = [0, 1].map(|block| odd.half_width(block).unwrap());
        assert!(widths[1] > widths[0] && widths[0] > 100.0, "{widths:?}");
    }

    #[test]
    fn a_silent_block_may_lead_a_chaotic_one_but_two_separate_clusters_are_refused() {
        let chain = |first: f64| Blocks { fractions: vec![0.5, 0.5], gains: dmatrix![first, 0.0; 1.0, 2.5], tau: vec![1.0; 2] };
        let chaos = chain(1.0).chaotic().unwrap().unwrap();
        assert!(chaos.variances[0] < 1e-6 && chaos.variances[1] > 0.1);
        assert!(chain(2.0).chaotic().is_err());
    }
}
