//! Alignment: do learning errors and changes go with events of another kind, behaviour for example?

use crate::error::{Error, Result, positive};
use crate::seed::Seed;
use rand::RngExt;

/// Random shifts of a permutation test.
const SHIFTS: usize = 1999;
/// Points of the average around an event, on each side of it.
const REACH: usize = 40;

/// A trace of learning errors in cells of equal duration, and the departures found in it.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// Seconds per cell.
    pub cell: f64,
    /// Mean of each cell; NaN where nothing was judged.
    pub values: Vec<f64>,
    /// Times of the departures in s.
    pub departures: Vec<f64>,
}

/// What a course does around events, beside what it does around the same events shifted in a circle by a random time.
///
/// The shift keeps the intervals between events and the whole course, and only breaks their relation.
#[derive(Clone, Debug, PartialEq)]
pub struct Alignment {
    /// Events that were used.
    pub events: usize,
    /// Mean of the course in the window after an event, averaged over the events, and the mean of the same over the shifts.
    pub level: (f64, f64),
    /// Share of the shifts (and the events themselves) with at least that level.
    pub level_p: f64,
    /// Events with a departure in their window, and the mean number over the shifts.
    pub hits: (usize, f64),
    /// Share of the shifts (and the events themselves) with at least as many.
    pub hits_p: f64,
    /// Times around an event in s.
    pub lags: Vec<f64>,
    /// Mean of the course there.
    pub average: Vec<f64>,
    /// The middle 95 % of that mean over the shifts.
    pub band: (Vec<f64>, Vec<f64>),
}

impl Course {
    /// Aligns the course with events at `times` (s from its start); the window after an event is from `window.0` to `window.1` s.
    ///
    /// ```
    /// use crosscurrent::{Seed, track::Course};
    /// // Every 10 s the course rises for a second.
    /// let values: Vec<f64> = (0..2000).map(|k| if k % 100 < 10 { 5.0 } else { 0.0 }).collect();
    /// let course = Course { cell: 0.1, values, departures: vec![] };
    /// let at = |offset: f64| (1..15).map(|k| 10.0 * f64::from(k) + offset).collect::<Vec<_>>();
    /// let aligned = course.align(&at(0.0), (0.0, 1.0), Seed(1))?;
    /// assert!(aligned.level.0 > 4.0 && aligned.level_p < 0.2);
    /// assert!(course.align(&at(5.0), (0.0, 1.0), Seed(1))?.level_p > 0.5);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] when no event lies within the course, [`Error::Parameter`] for a window that ends before it begins.
    pub fn align(&self, times: &[f64], window: (f64, f64), seed: Seed) -> Result<Alignment> {
        positive("cell", self.cell)?;
        if !(window.0.is_finite() && window.1.is_finite() && window.0 < window.1) {
            return Err(Error::parameter("window", format!("{}:{}", window.0, window.1), "a beginning before the end, in s"));
        }
        let duration = self.cell * self.values.len() as f64;
        let times: Vec<f64> = times.iter().copied().filter(|time| (0.0..duration).contains(time)).collect();
        if times.is_empty() {
            let problem = format!("none lies within the recording of {duration} s");
            return Err(Error::data("the events", problem, "give their times in s from the first sample"));
        }
        let sums = Sums::of(&self.values);
        let mut rng = seed.child("shifts of events").rng();
        let around = |shift: f64| -> Around {
            let shifted: Vec<f64> = times.iter().map(|time| (time + shift) % duration).collect();
            self.around(&shifted, window, &sums)
        };
        let found = around(0.0);
        let shifts: Vec<Around> = (0..SHIFTS).map(|_| around(duration * rng.random::<f64>())).collect();
        Ok(Alignment::of(times.len(), self.cell * self.stride(window) as f64, found, &shifts))
    }

    /// Cells between the points of the average: together they reach twice as far as the window.
    fn stride(&self, window: (f64, f64)) -> usize {
        let reach = 2.0 * window.0.abs().max(window.1.abs());
        ((reach / self.cell / REACH as f64).ceil() as usize).max(1)
    }

    fn around(&self, times: &[f64], window: (f64, f64), sums: &Sums) -> Around {
        let cell = |time: f64| (time / self.cell).floor() as i64;
        let (mut level, mut used) = (0.0, 0);
        for time in times {
            let (first, last) = (cell(time + window.0), cell(time + window.1).max(cell(time + window.0) + 1));
            if let Some(mean) = sums.mean(first, last) {
                level += mean;
                used += 1;
            }
        }
        let within = |time: &&f64| self.departures.iter().any(|at| (window.0..=window.1).contains(&(at - **time)));
        let stride = self.stride(window) as i64;
        let point = |lag: i64| {
            let found = times.iter().filter_map(|time| sums.mean(cell(*time) + lag * stride, cell(*time) + (lag + 1) * stride));
            let (sum, count) = found.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
            if count == 0 { f64::NAN } else { sum / f64::from(count) }
        };
        Around {
            level: if used == 0 { f64::NEG_INFINITY } else { level / f64::from(used) },
            hits: times.iter().filter(within).count(),
            average: (-(REACH as i64)..REACH as i64).map(point).collect(),
        }
    }
}

/// What one set of events gives.
struct Around {
    level: f64,
    hits: usize,
    average: Vec<f64>,
}

impl Alignment {
    fn of(events: usize, stride: f64, found: Around, shifts: &[Around]) -> Self {
        let share = |at_least: &dyn Fn(&Around) -> bool| {
            (1 + shifts.iter().filter(|shift| at_least(shift)).count()) as f64 / (1 + shifts.len()) as f64
        };
        let mean = |value: &dyn Fn(&Around) -> f64| {
            let finite: Vec<f64> = shifts.iter().map(value).filter(|value| value.is_finite()).collect();
            finite.iter().sum::<f64>() / finite.len().max(1) as f64
        };
        let quantile = |share: f64| -> Vec<f64> {
            (0..found.average.len())
                .map(|point| {
                    let mut values: Vec<f64> = shifts.iter().map(|shift| shift.average[point]).filter(|value| value.is_finite()).collect();
                    values.sort_by(f64::total_cmp);
                    let last = values.len().saturating_sub(1);
                    values.get((share * last as f64).round() as usize).copied().unwrap_or(f64::NAN)
                })
                .collect()
        };
        Alignment {
            events,
            level: (found.level, mean(&|shift| shift.level)),
            level_p: share(&|shift| shift.level >= found.level),
            hits: (found.hits, mean(&|shift| shift.hits as f64)),
            hits_p: share(&|shift| shift.hits >= found.hits),
            lags: (0..found.average.len()).map(|point| (point as f64 - REACH as f64 + 0.5) * stride).collect(),
            band: (quantile(0.025), quantile(0.975)),
            average: found.average,
        }
    }
}

/// Running sums of the values that are numbers.
struct Sums {
    sums: Vec<f64>,
    counts: Vec<usize>,
}

impl Sums {
    fn of(values: &[f64]) -> Self {
        let (mut sums, mut counts) = (vec![0.0], vec![0]);
        for value in values {
            let known = value.is_finite();
            sums.push(sums[sums.len() - 1] + if known { *value } else { 0.0 });
            counts.push(counts[counts.len() - 1] + usize::from(known));
        }
        Sums { sums, counts }
    }

    /// Mean of cells `first..last`, as far as they exist and are numbers.
    fn mean(&self, first: i64, last: i64) -> Option<f64> {
        let inside = |at: i64| at.clamp(0, self.sums.len() as i64 - 1) as usize;
        let (first, last) = (inside(first), inside(last));
        let count = self.counts[last.max(first)] - self.counts[first];
        (count > 0).then(|| (self.sums[last] - self.sums[first]) / count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn the_p_value_of_unrelated_events_is_uniform_and_that_of_related_ones_small() {
        let run = |k: u64, related: bool| {
            let seed = Seed(1).trial(k);
            let mut rng = seed.rng();
            let times: Vec<f64> = (0..12).map(|_| 95.0 * rng.random::<f64>()).collect();
            let mut smooth = 0.0;
            let mut value = |cell: usize| {
                let noise: f64 = StandardNormal.sample(&mut rng);
                smooth = 0.9 * smooth + noise;
                let after = times.iter().any(|time| (0.0..1.0).contains(&(0.1 * cell as f64 - time)));
                smooth + if related && after { 6.0 } else { 0.0 }
            };
            let values = (0..1000).map(&mut value).collect();
            let departures = if related { times.iter().map(|time| time + 0.2).collect() } else { Vec::new() };
            Course { cell: 0.1, values, departures }.align(&times, (0.0, 1.0), seed).unwrap()
        };
        let low = (0..100).filter(|&k| run(k, false).level_p <= 0.2).count();
        assert!((8..=34).contains(&low), "{low} of 100 below 0.2");
        let related = run(0, true);
        assert!(related.level_p < 0.01 && related.hits.0 == 12 && related.hits_p < 0.01, "{related:?}");
        assert_eq!(run(0, false).hits_p, 1.0);
    }

    #[test]
    fn events_outside_and_windows_the_wrong_way_round_are_refused() {
        let course = Course { cell: 0.1, values: vec![0.0; 100], departures: vec![] };
        assert!(course.align(&[11.0], (0.0, 1.0), Seed(1)).unwrap_err().to_string().contains("10 s"));
        assert!(course.align(&[1.0], (1.0, 0.0), Seed(1)).is_err());
    }
}
