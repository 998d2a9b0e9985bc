//! Misfit: signs in the data that the model behind a posterior is wrong.

use crate::linalg::product;
use crate::regions::Regions;
use nalgebra::{DMatrix, DVector};

/// What the residuals of a fit say about its model, neuron by neuron.
///
/// Three signs of a neuron. *Colour*: the correlation of one residual with the next, 0 for white noise; inputs that nobody told the fit of are smooth and
/// leave a colour. *Surprise*: on samples that were held out, the mean squared error over the one that the posterior expects, 1 where the
/// model is right; inputs that the weights have absorbed make the noise look far too small, and the surprise is far above 1 when they come in
/// another form. *Unevenness*: the correlation of the squared residual with the square of the neuron's own state, 0 where the noise is as
/// strong in every state; read through a wrong phi, noise of one strength changes with the slope of what was read. And one of the network,
/// *self-weight*: read with a wrong tau, every drive contains a share of the neuron's own state, which J can only explain by weights of neurons
/// onto themselves that are alike. An input that the recorded
/// rates predict all the time, such as a sine that a whole region carries, leaves no sign: nothing in the data tells it from a connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Misfit {
    /// Lag-one autocorrelation of the residual of each neuron; NaN where the residual is rounding error.
    pub colour: Vec<f64>,
    /// Mean squared held-out error over the expected one; NaN where the residual is rounding error.
    pub surprise: Vec<f64>,
    /// Correlation of the squared residual of plain least squares with the squared state of each neuron; NaN where the residual is rounding
    /// error or there are no more samples than neurons.
    pub unevenness: Vec<f64>,
    /// Mean of J_ii over neurons, over the standard error that the spread of the other weights from the same region and the posterior leave it;
    /// NaN where no such weights were fitted. Beyond 4 on either side it is told; it marks no neuron.
    pub self_weight: f64,
    /// Samples that colour and unevenness were read from.
    pub samples: usize,
}

/// A surprise above this marks a neuron. Held-out errors come from few directions of J and change slowly, so that in the worst case the surprise
/// of a right model is the square of one standard normal number: above 6 once in 70 neurons.
pub const SURPRISING: f64 = 6.0;

/// A self-weight beyond this is a sign. Where tau is right and J_ii is zero or has mean zero it stayed below 2.6 in 39 networks of 60 and 120
/// neurons; it does not where noise drives a quiet network and samples are few, because least squares pulls J_ii down there.
const SELF_WEIGHT: f64 = 4.0;

impl Misfit {
    /// Colour or unevenness beyond this marks a neuron: four standard errors of white noise, and at least 0.1.
    pub fn limit(&self) -> f64 {
        (4.0 / (self.samples.max(1) as f64).sqrt()).max(0.1)
    }

    /// Whether the intervals of `neuron` can be believed.
    pub fn is_marked(&self, neuron: usize) -> bool {
        self.is_coloured(neuron) || self.is_uneven(neuron) || self.surprise[neuron] > SURPRISING
    }

    fn is_coloured(&self, neuron: usize) -> bool {
        self.colour[neuron].abs() > self.limit()
    }

    fn is_uneven(&self, neuron: usize) -> bool {
        self.unevenness[neuron].abs() > self.limit()
    }

    /// Share of `neurons` whose intervals cannot be believed.
    pub fn share(&self, neurons: std::ops::Range<usize>) -> f64 {
        let count = neurons.len() as f64;
        neurons.filter(|&neuron| self.is_marked(neuron)).count() as f64 / count
    }

    /// What to tell the reader: nothing is found where at most one neuron in twenty is marked and self-weights are like others.
    pub fn verdict(&self) -> String {
        let found: Vec<String> = self.of_neurons().into_iter().chain(self.of_self_weights()).collect();
        if found.is_empty() { "no sign that the model is wrong".into() } else { found.join("; ") }
    }

    fn of_neurons(&self) -> Option<String> {
        let neurons = self.colour.len();
        let count = |sign: &dyn Fn(usize) -> bool| (0..neurons).filter(|&neuron| sign(neuron)).count();
        let marked = count(&|neuron| self.is_marked(neuron));
        let (coloured, uneven) = (count(&|neuron| self.is_coloured(neuron)), count(&|neuron| self.is_uneven(neuron)));
        let surprising = count(&|neuron| self.surprise[neuron] > SURPRISING);
        (marked * 20 > neurons).then(|| {
            format!(
                "the intervals of {marked} of {neurons} neurons cannot be believed: residuals of {coloured} are not white, those of {uneven} are \
                 larger in some states of the neuron than in others, held-out errors of {surprising} are over {SURPRISING} times \
                 what was expected (an input that was not told, a wrong phi or tau, or neurons that were not recorded)"
            )
        })
    }

    fn of_self_weights(&self) -> Option<String> {
        let (side, cause) = if self.self_weight > 0.0 {
            ("above", "a tau that is taken too short, or neurons that excite themselves")
        } else {
            (
                "below",
                "a tau that is taken too long, errors of measurement, neurons that were not recorded, few samples of activity that noise drives, \
                 or neurons that inhibit themselves",
            )
        };
        (self.self_weight.abs() > SELF_WEIGHT).then(|| {
            let size = self.self_weight.abs();
            format!("weights of neurons onto themselves are on average {size:.1} standard errors {side} zero ({cause})")
        })
    }
}

/// See [`Misfit::self_weight`]: `mean` and `deviation` of J, targets × sources; a weight that the anatomy forbids does not count.
pub(crate) fn self_weight(mean: &DMatrix<f64>, deviation: &DMatrix<f64>, regions: &Regions, anatomy: Option<&DMatrix<f64>>) -> f64 {
    let fitted = |i: usize, j: usize| anatomy.is_none_or(|anatomy| anatomy[(i, j)] > 0.0);
    let (mut sum, mut variance) = (0.0, 0.0_f64);
    for range in (0..regions.count()).map(|index| regions.range_at(index)) {
        for i in range.clone().filter(|&i| fitted(i, i)) {
            let others: Vec<f64> = range.clone().filter(|&j| j != i && fitted(i, j)).map(|j| mean[(i, j)]).collect();
            if others.len() > 1 {
                let freedom = (others.len() - 1) as f64 / others.len() as f64;
                sum += mean[(i, i)];
                variance += DVector::from_vec(others).variance() / freedom + deviation[(i, i)].powi(2);
            }
        }
    }
    sum / variance.sqrt()
}

/// Lag-one autocorrelation of every row of `residual`, over samples k for which `joined(k)`: k + 1 follows k.
pub(crate) fn colour(residual: &DMatrix<f64>, joined: &[bool]) -> Vec<f64> {
    residual
        .row_iter()
        .map(|row| {
            let mean = row.mean();
            let product = |k: usize, lag: usize| (row[k] - mean) * (row[k + lag] - mean);
            let sum = |lag: usize| (0..row.len() - 1).filter(|&k| joined[k]).map(|k| product(k, lag)).sum::<f64>();
            sum(1) / sum(0)
        })
        .collect()
}

/// Correlation over samples of e² / (1 - leverage) with the squared state, row by row; `left` are the residuals e of least squares on the rates,
/// `leverage` the share of each sample that the fit took up.
pub(crate) fn unevenness(states: &DMatrix<f64>, left: &DMatrix<f64>, leverage: &[f64]) -> Vec<f64> {
    let squares =
        |row: usize| DVector::from_iterator(left.ncols(), (0..left.ncols()).map(|k| left[(row, k)].powi(2) / (1.0 - leverage[k])));
    let centred = |values: DVector<f64>| values.add_scalar(-values.mean());
    let of = |row: usize| {
        let (error, state) = (centred(squares(row)), centred(states.row(row).transpose().map(|h| h * h)));
        error.dot(&state) / (error.norm() * state.norm())
    };
    (0..left.nrows()).map(of).collect()
}

/// Mean over samples of error² / expected², row by row; `mean` is J, `variance` the posterior variance of every predicted drive.
pub(crate) fn surprise(
    (rates, targets): (&DMatrix<f64>, &DMatrix<f64>),
    mean: &DMatrix<f64>,
    variance: &DMatrix<f64>,
    noise: &[f64],
) -> Vec<f64> {
    let error = targets - product(mean, rates);
    (0..error.nrows())
        .map(|i| (0..error.ncols()).map(|k| error[(i, k)].powi(2) / (variance[(i, k)] + noise[i])).sum::<f64>() / error.ncols() as f64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_the_autocorrelation_and_does_not_reach_across_a_gap() {
        let alternating = DMatrix::from_fn(1, 100, |_, k| if k % 2 == 0 { 1.0 } else { -1.0 });
        assert!((colour(&alternating, &[true; 100])[0] + 1.0).abs() < 1e-12);
        let joined: Vec<bool> = (0..100).map(|k| k != 49).collect();
        let steps = DMatrix::from_fn(1, 100, |_, k| if k < 50 { 1.0 } else { -1.0 });
        assert!((colour(&steps, &joined)[0] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn few_marked_neurons_are_chance_and_many_are_told() {
        let mut misfit =
            Misfit { colour: vec![0.01; 40], surprise: vec![1.1; 40], unevenness: vec![-0.02; 40], self_weight: -2.0, samples: 1000 };
        misfit.surprise[3] = 9.0;
        assert!(misfit.is_marked(3) && misfit.verdict().starts_with("no sign"));
        misfit.colour[5..15].fill(0.8);
        misfit.unevenness[14..16].fill(0.3);
        assert!(misfit.verdict().starts_with("the intervals of 12 of 40"), "{}", misfit.verdict());
        assert!(misfit.verdict().contains("those of 2 are larger in some states"), "{}", misfit.verdict());
        assert_eq!(misfit.share(0..10), 0.6);
        assert!(!misfit.verdict().contains("themselves"));
        misfit.self_weight = -5.0;
        assert!(misfit.verdict().contains("; weights of neurons onto themselves are on average 5.0 standard errors below zero"));
    }

    #[test]
    fn self_weights_are_held_against_the_spread_of_their_neighbours() {
        let regions = Regions::new([("A", 3), ("B", 3)]).unwrap();
        // Others are 1 and 3 from the own region, variance 2, and anything from the other region.
        let mean = DMatrix::from_fn(6, 6, |i, j| match (i / 3 == j / 3, (j + 6 - i) % 3) {
            (false, _) => 100.0,
            (true, 0) => 5.0,
            (true, other) => 2.0 * other as f64 - 1.0,
        });
        let deviation = DMatrix::from_element(6, 6, 2.0);
        let of_one = 2.0 + 4.0;
        assert!((self_weight(&mean, &deviation, &regions, None) - 6.0 * 5.0 / f64::sqrt(6.0 * of_one)).abs() < 1e-12);
        let mut anatomy = DMatrix::from_element(6, 6, 1.0);
        (1..6).for_each(|i| anatomy[(i, i)] = 0.0);
        assert!((self_weight(&mean, &deviation, &regions, Some(&anatomy)) - 5.0 / f64::sqrt(of_one)).abs() < 1e-12);
        anatomy[(0, 0)] = 0.0;
        assert!(self_weight(&mean, &deviation, &regions, Some(&anatomy)).is_nan(), "nothing to judge by");
    }

    #[test]
    fn unevenness_is_seen_through_the_leverage() {
        // Errors that are as large in every state once the share that the fit took up is put back.
        let states = DMatrix::from_fn(1, 100, |_, k| if k.is_multiple_of(2) { 2.0 } else { 1.0 });
        let leverage: Vec<f64> = (0..100_usize).map(|k| if k.is_multiple_of(2) { 0.75 } else { 0.0 }).collect();
        let sign = |k: usize| if k.is_multiple_of(3) { -1.0 } else { 1.0 + 0.1 * (k % 5) as f64 };
        let left = DMatrix::from_fn(1, 100, |_, k| sign(k) * (1.0 - leverage[k]).sqrt());
        assert!(unevenness(&states, &left, &leverage)[0].abs() < 0.15);
        assert!(unevenness(&states, &left, &[0.0; 100])[0] < -0.8);
    }
}
