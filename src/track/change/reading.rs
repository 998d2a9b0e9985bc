//! What a detector says of a sample.

/// A moment at which the signal began to differ from what was learned, or to be like it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which of the two.
    pub kind: Kind,
    /// Its sample, counted from the end of the calibration.
    pub sample: usize,
    /// The sample at which it was known.
    pub known: usize,
}

/// From or to what was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The learning error rose.
    Departure,
    /// It fell back.
    Return,
}

/// A block that was judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    /// Its first sample, counted from the end of the calibration.
    pub start: usize,
    /// Mean of the averaged learning error; 1 is that of a usual sample of the calibration.
    pub score: f64,
    /// Share of the scores so far that are at least as high.
    pub share: f64,
    /// Statistic of the alarm.
    pub statistic: f64,
    /// Whether the signal counts as departed.
    pub departed: bool,
}

/// What one sample gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading<'a> {
    /// What the readout expected of each target, in its unit.
    pub output: &'a [f64],
    /// E of each output.
    pub learning_error: &'a [f64],
    /// Robust z-score of the averaged learning error against the calibration.
    pub z: f64,
    /// The block that this sample completes.
    pub block: Option<Block>,
    /// The change that is known since this sample.
    pub change: Option<Change>,
}
