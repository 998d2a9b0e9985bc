//! Alarm: a sequence of scores that are alike until they rise, and a bound on how often it is said wrongly that they rose.

/// Scores that are kept to compare with; later ones are compared but not kept.
const MOST: usize = 10_000;
/// Scores in a row that are not among the highest end a departure.
const CALM: usize = 3;
/// The share of the highest.
const HIGH: f64 = 0.05;

/// A sequential test on ranks, after Shiryaev and Roberts.
///
/// Every new score is ranked among those before it (1 is the highest of m). As long as scores are exchangeable, all ranks are equally
/// likely and independent, whatever the law of the scores, and e = m / (rank · (1 + 1/2 + … + 1/m)) has mean 1. The statistic
/// R ← (1 + R) e therefore exceeds the number of scores by nothing on average, and the probability that it reaches A within n scores is at
/// most n / A. That bound is the threshold: A = horizon / probability.
///
/// Once it is raised, an alarm holds until three scores in a row are not among the highest 5 %. Scores of a departure are forgotten.
///
/// ```
/// use crosscurrent::track::Alarm;
/// let calm = |k: usize| ((k * 7919) % 101) as f64;
/// let mut alarm = Alarm::new((0..60).map(calm), 1000.0, 0.05);
/// assert!((60..100).all(|k| alarm.push(calm(k)).raised.is_none()));
/// let raised: Vec<_> = (0..20).map(|k| alarm.push(200.0 + calm(k)).raised).collect();
/// assert_eq!(raised.iter().flatten().collect::<Vec<_>>(), [&40]); // the 40th score after the calibration
/// ```
#[derive(Clone, Debug)]
pub struct Alarm {
    /// Scores to compare with, rising.
    kept: Vec<f64>,
    /// 1 + 1/2 + … up to one more than the number of those.
    harmonic: f64,
    threshold: f64,
    statistic: f64,
    /// Scores judged so far.
    judged: usize,
    /// Logarithm of the product of the e since `onset`, the larger of it and 0.
    evidence: f64,
    onset: usize,
    /// Scores since `onset`.
    run: Vec<f64>,
    departed: bool,
    calm: usize,
}

/// What became of one score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// Share of the scores so far, this one included, that are at least as high.
    pub share: f64,
    /// R after it.
    pub statistic: f64,
    /// Whether the scores count as departed after it.
    pub departed: bool,
    /// When this score raised the alarm: the score at which the departure began, counted from the end of the calibration.
    pub raised: Option<usize>,
    /// When this score ended a departure: the score at which the calm began.
    pub ended: Option<usize>,
    /// Whether evidence for a departure begins or goes on.
    pub suspicious: bool,
}

impl Alarm {
    /// An alarm that has seen `calibration` and is raised wrongly within `horizon` further scores with a probability of at most
    /// `probability`.
    pub fn new(calibration: impl IntoIterator<Item = f64>, horizon: f64, probability: f64) -> Self {
        let mut kept: Vec<f64> = calibration.into_iter().collect();
        kept.sort_by(f64::total_cmp);
        let harmonic = (1..=kept.len() + 1).map(|m| 1.0 / m as f64).sum();
        Alarm {
            kept,
            harmonic,
            threshold: horizon / probability,
            statistic: 0.0,
            judged: 0,
            evidence: 0.0,
            onset: 0,
            run: Vec::new(),
            departed: false,
            calm: 0,
        }
    }

    /// A: the statistic at which the alarm is raised.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Judges the next score.
    pub fn push(&mut self, score: f64) -> Judged {
        let place = self.judged;
        self.judged += 1;
        let m = self.kept.len() + 1;
        let rank = m - self.kept.partition_point(|kept| *kept < score);
        let share = rank as f64 / m as f64;
        let mut judged = Judged { share, statistic: 0.0, departed: true, raised: None, ended: None, suspicious: false };
        if self.departed {
            judged.ended = self.settle(place, share);
        } else {
            let e = m as f64 / (rank as f64 * self.harmonic);
            self.statistic = (1.0 + self.statistic) * e;
            judged.statistic = self.statistic;
            self.follow(place, score, e);
            if self.statistic >= self.threshold {
                judged.raised = Some(self.raise(place));
            }
            judged.suspicious = !self.run.is_empty();
        }
        judged.departed = self.departed;
        judged
    }

    /// Keeps a score, and where a departure would have begun if there is one.
    fn follow(&mut self, place: usize, score: f64, e: f64) {
        if self.kept.len() < MOST {
            self.kept.insert(self.kept.partition_point(|kept| *kept < score), score);
            self.harmonic += 1.0 / (self.kept.len() + 1) as f64;
        }
        if self.evidence == 0.0 {
            self.onset = place;
            self.run.clear();
        }
        self.evidence = (self.evidence + e.ln()).max(0.0);
        if self.evidence == 0.0 {
            self.run.clear();
        } else {
            self.run.push(score);
        }
    }

    /// From calm to departed; returns where that began.
    fn raise(&mut self, place: usize) -> usize {
        for score in std::mem::take(&mut self.run) {
            let at = self.kept.partition_point(|kept| *kept < score);
            if self.kept.get(at) == Some(&score) {
                self.kept.remove(at);
            }
        }
        self.harmonic = (1..=self.kept.len() + 1).map(|m| 1.0 / m as f64).sum();
        (self.departed, self.calm) = (true, 0);
        // All evidence may have come with the last score.
        self.onset.min(place)
    }

    /// Within a departure: counts calm scores; returns where the calm began once there are enough.
    fn settle(&mut self, place: usize, share: f64) -> Option<usize> {
        self.calm = if share > HIGH { self.calm + 1 } else { 0 };
        if self.calm < CALM {
            return None;
        }
        (self.departed, self.statistic, self.evidence) = (false, 0.0, 0.0);
        Some(place + 1 - CALM)
    }
}
