//! Mixture: normal laws of one number with their weights, and the interval that holds 90 % of them together.

use crate::fit::posterior::NINETY;

/// What lies below the interval, and above it.
const TAIL: f64 = 0.05;
/// A probability is found when it is this close: a fiftieth of the tail.
const CLOSE: f64 = 1e-3;
/// From one this close a last step of Newton's is taken without another look, where it is no longer than that share of the deviation: what it
/// leaves is of second order.
const NEAR: f64 = 5e-3;
const STRIDE: f64 = 0.1;
/// Steps of Newton's before bisection takes over (between parts of very different widths they can become tiny), and of both.
const NEWTON: usize = 12;
const TURNS: usize = 200;
/// The normal law is tabulated up to so many deviations, with so many steps in each: straight lines between are right within 1.2e-4.
const REACH: f64 = 6.0;
const STEPS: f64 = 16.0;

/// A part of a mixture: normal, or an atom where the deviation is zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub weight: f64,
    pub mean: f64,
    pub deviation: f64,
    /// 1 / deviation; infinite for an atom.
    pub inverse: f64,
}

/// Normal laws and atoms.
#[derive(Debug)]
pub(super) struct Mixture {
    /// The normal law and its rise to the next step.
    table: Vec<(f64, f64)>,
    normal: Vec<Part>,
    /// Sorted by their places.
    atoms: Vec<Part>,
    weight: f64,
    mean: f64,
    deviation: f64,
    /// Where the last quantiles were, in deviations from the mean: those of the next sample are not far.
    last: [f64; 2],
}

impl Mixture {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        let law = |step: f64| 0.5 * libm::erfc((REACH - step / STEPS) / std::f64::consts::SQRT_2);
        let table =
            (0..=(2.0 * REACH * STEPS) as usize).map(|step| (law(step as f64), law(step as f64 + 1.0) - law(step as f64))).collect();
        Mixture { table, normal: Vec::new(), atoms: Vec::new(), weight: 0.0, mean: 0.0, deviation: 0.0, last: [-NINETY, NINETY] }
    }

    /// Takes these parts in place of what it held.
    pub(super) fn load(&mut self, parts: impl Iterator<Item = Part>) {
        self.normal.clear();
        self.atoms.clear();
        let (mut weight, mut total, mut variance) = (0.0, 0.0, 0.0);
        for part in parts {
            weight += part.weight;
            total += part.weight * part.mean;
            variance += part.weight * part.deviation * part.deviation;
            if part.inverse.is_finite() { self.normal.push(part) } else { self.atoms.push(part) }
        }
        self.atoms.sort_by(|a, b| a.mean.total_cmp(&b.mean));
        (self.weight, self.mean) = (weight, total / weight);
        let square = |part: &Part| part.weight * (part.mean - self.mean).powi(2);
        let squares = self.normal.iter().map(square).sum::<f64>() + self.atoms.iter().map(square).sum::<f64>();
        self.deviation = ((variance + squares) / weight).sqrt();
    }

    /// Standard deviation of the number.
    pub(super) fn deviation(&self) -> f64 {
        self.deviation
    }

    /// The number that is exceeded with 95 %, and the one with 5 %. Atoms are hit to the bit.
    pub(super) fn interval(&mut self) -> [f64; 2] {
        [0, 1].map(|end| {
            let found = self.quantile([TAIL, 1.0 - TAIL][end], [-NINETY, NINETY][end], self.mean + self.last[end] * self.deviation);
            if self.deviation > 0.0 {
                self.last[end] = (found - self.mean) / self.deviation;
            }
            found
        })
    }

    /// Probability of what [`Mixture::interval`] found: 90 %, or more where an end is an atom.
    pub(super) fn inside(&self, [low, high]: [f64; 2]) -> f64 {
        if self.atoms.is_empty() {
            return 1.0 - 2.0 * TAIL;
        }
        let (first, last) = (self.atoms.partition_point(|a| a.mean < low), self.atoms.partition_point(|a| a.mean <= high));
        (self.smooth(high).0 - self.smooth(low).0 + self.below(last) - self.below(first)) / self.weight
    }

    /// The smallest x that is not exceeded with probability p, near `start`; a standard normal number does not exceed `normal` with p.
    fn quantile(&self, p: f64, normal: f64, start: f64) -> f64 {
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        let (mut first, mut last) = (0, self.atoms.len());
        while first < last {
            let atom = self.atoms[(first + last) / 2].mean;
            let (start, end) = (self.atoms.partition_point(|a| a.mean < atom), self.atoms.partition_point(|a| a.mean <= atom));
            let smooth = self.smooth(atom).0;
            if smooth + self.below(end) < p * self.weight {
                (low, first) = (atom, end);
            } else if smooth + self.below(start) > p * self.weight {
                (high, last) = (atom, start);
            } else {
                return atom;
            }
        }
        self.between((low, high), (p * self.weight - self.below(first), normal), start)
    }

    /// Weight of the first atoms.
    fn below(&self, atoms: usize) -> f64 {
        self.atoms[..atoms].iter().map(|atom| atom.weight).sum()
    }

    /// The x in an interval without atoms below which `wanted` of the weight of the normal parts lies, by Newton's steps, or bisection where
    /// one would leave.
    fn between(&self, (mut low, mut high): (f64, f64), (wanted, normal): (f64, f64), start: f64) -> f64 {
        let (mut x, mut bounded) = (start, false);
        for turn in 0..TURNS {
            if turn >= NEWTON || !(x > low && x < high) {
                if !bounded {
                    // The quantile of a mixture lies among those of its parts.
                    let ends = || self.normal.iter().chain(&self.atoms).map(|part| part.mean + normal * part.deviation);
                    low = low.max(ends().fold(f64::INFINITY, f64::min));
                    high = high.min(ends().fold(f64::NEG_INFINITY, f64::max));
                    bounded = true;
                }
                x = 0.5 * (low + high);
            }
            let (below, density) = self.smooth(x);
            let excess = below - wanted;
            if excess.abs() < CLOSE * self.weight || (bounded && (x <= low || x >= high)) {
                return x;
            }
            *(if excess < 0.0 { &mut low } else { &mut high }) = x;
            let step = excess / density;
            x -= step;
            let last = turn < NEWTON && excess.abs() < NEAR * self.weight && step.abs() < STRIDE * self.deviation;
            if last && x > low && x < high {
                return x;
            }
        }
        x
    }

    /// Weight of the normal parts below x, and its derivative.
    fn smooth(&self, x: f64) -> (f64, f64) {
        let (mut below, mut density) = (0.0, 0.0);
        for part in &self.normal {
            let step = (((x - part.mean) * part.inverse + REACH) * STEPS).clamp(0.0, 2.0 * REACH * STEPS);
            let whole = step as usize;
            let (value, rise) = self.table[whole];
            below += part.weight * (value + (step - whole as f64) * rise);
            density += part.weight * rise * part.inverse;
        }
        (below, density * STEPS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libm::erfc;

    fn interval(components: &[(f64, f64)]) -> [f64; 2] {
        let mut mixture = Mixture::new();
        let part = |&(mean, variance): &(f64, f64)| Part { weight: 1.0, mean, deviation: variance.sqrt(), inverse: 1.0 / variance.sqrt() };
        mixture.load(components.iter().map(part));
        mixture.interval()
    }

    fn below(components: &[(f64, f64)], x: f64) -> f64 {
        let part = |&(mean, variance): &(f64, f64)| match variance {
            0.0 => f64::from(u8::from(mean <= x)),
            _ => 0.5 * erfc((mean - x) / (2.0 * variance).sqrt()),
        };
        components.iter().map(part).sum::<f64>() / components.len() as f64
    }

    #[test]
    fn one_normal_law_has_its_own_interval() {
        let [low, high] = interval(&[(2.0, 9.0)]);
        assert!((low - (2.0 - 3.0 * NINETY)).abs() < 0.01 && (high - (2.0 + 3.0 * NINETY)).abs() < 0.01, "{low} {high}");
    }

    #[test]
    fn five_of_a_hundred_lie_on_either_side_whatever_the_parts() {
        // A narrow peak with long tails, two peaks far apart, widths over six decades, and atoms beside normal parts.
        let peak: Vec<(f64, f64)> = (0..60).map(|k| if k % 5 == 0 { (0.3 * k as f64 - 5.0, 4.0) } else { (0.0, 1e-4) }).collect();
        let two: Vec<(f64, f64)> = (0..60).map(|k| if k < 30 { (-8.0, 1.0) } else { (8.0, 0.01) }).collect();
        let wide: Vec<(f64, f64)> = (0..60).map(|k| (0.1 * k as f64, 10.0_f64.powf(0.1 * k as f64 - 3.0))).collect();
        let mixed: Vec<(f64, f64)> = (0..60).map(|k| if k < 50 { (0.0, 0.0) } else { (k as f64 - 55.0, 0.25) }).collect();
        for parts in [peak, two, wide, mixed] {
            let [low, high] = interval(&parts);
            assert!((below(&parts, low) - 0.05).abs() < 1e-3 && (below(&parts, high) - 0.95).abs() < 1e-3, "{low} {high} {parts:?}");
        }
    }

    #[test]
    fn a_part_of_weight_two_is_two_parts() {
        let parts = [(0.0, 1.0), (0.0, 1.0), (3.0, 0.25), (5.0, 0.0), (5.0, 0.0)];
        let mut mixture = Mixture::new();
        let part = |(weight, mean, deviation): (f64, f64, f64)| Part { weight, mean, deviation, inverse: 1.0 / deviation };
        mixture.load([(2.0, 0.0, 1.0), (1.0, 3.0, 0.5), (2.0, 5.0, 0.0)].into_iter().map(part));
        let ([low, high], expected) = (mixture.interval(), interval(&parts));
        assert!((low - expected[0]).abs() < 0.02 && high == 5.0 && expected[1] == 5.0, "{low} {high} {expected:?}");
    }

    #[test]
    fn parts_like_needles_do_not_hold_the_search_up() {
        let parts: Vec<(f64, f64)> = (0..60).map(|k| if k < 55 { (1e-3 * k as f64, 1e-26) } else { (k as f64 - 57.0, 1.0) }).collect();
        let [low, high] = interval(&parts);
        // One of sixty lies between two needles.
        assert!((below(&parts, low) - 0.05).abs() < 0.02 && (below(&parts, high) - 0.95).abs() < 0.02, "{low} {high}");
    }

    #[test]
    fn what_is_certain_is_hit_to_the_bit() {
        assert_eq!(interval(&[(0.0, 0.0); 60]), [0.0, 0.0]);
        let mut nearly = vec![(0.0, 0.0); 58];
        nearly.extend([(3.0, 1.0), (-3.0, 1.0)]);
        assert_eq!(interval(&nearly), [0.0, 0.0]);
        assert_eq!(interval(&[(0.3, 0.0), (0.7, 0.0)]), [0.3, 0.7]);
    }

    #[test]
    fn an_interval_around_an_atom_holds_more_than_it_has_to() {
        let inside = |parts: &[(f64, f64)]| {
            let mut mixture = Mixture::new();
            mixture.load(parts.iter().map(|&(mean, variance)| Part {
                weight: 2.0,
                mean,
                deviation: variance.sqrt(),
                inverse: 1.0 / variance.sqrt(),
            }));
            let interval = mixture.interval();
            mixture.inside(interval)
        };
        assert!((inside(&[(0.0, 1.0), (4.0, 2.0), (5.0, 1.0)]) - 0.9).abs() < 1e-12);
        assert_eq!(inside(&[(0.0, 0.0); 60]), 1.0);
        // 57 of 60 are zero: both ends are the atom, and half of the three others lies on either side.
        let mut nearly = vec![(0.0, 0.0); 57];
        nearly.extend([(3.0, 1.0), (-3.0, 1.0), (9.0, 1.0)]);
        assert!((inside(&nearly) - 0.95).abs() < 1e-3);
        // Half is zero, half normal around it: the ends lie in the tails of the normal half, a tenth of it outside on either side.
        let half: Vec<(f64, f64)> = (0..60).map(|k| (0.0, f64::from(k % 2))).collect();
        assert!((inside(&half) - 0.9).abs() < 2e-3);
    }
}
