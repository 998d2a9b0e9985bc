//! How long a block has to be so that the means of neighbouring blocks do not know of each other.

use crate::error::{Error, Result};

/// Fewest blocks from which ranks say anything.
pub(super) const FEWEST: usize = 20;

/// Integrated correlation times in a block, and the fewest where the stretch is short. At four, means of neighbouring blocks correlate by about
/// 0.1, at two by 0.2.
const TIMES: [f64; 2] = [4.0, 2.0];

/// Samples of a block: `shortest`, or four times the time over which the means of `values` over `shortest` samples stay correlated
/// (1 + 2 × the sum of the rank correlations at lags 1, 2, … up to the first within two standard errors of zero). A stretch too short for
/// 20 such blocks is cut into 20, as long as they hold two of these times.
///
/// # Errors
/// [`Error::Data`] when they would not.
pub fn block_length(values: &[f64], shortest: usize) -> Result<usize> {
    let shortest = shortest.max(1);
    let ranks = ranks(&means(values, shortest));
    let (lags, noise) = (1..ranks.len() / 4, 2.0 / (ranks.len() as f64).sqrt());
    let time = 1.0 + 2.0 * lags.map(|lag| correlation(&ranks, lag)).take_while(|found| *found > noise).sum::<f64>();
    let [wanted, least] = TIMES.map(|times| if time > 1.0 { (shortest as f64 * times * time).ceil() as usize } else { shortest });
    let longest = values.len() / FEWEST;
    if longest >= least {
        return Ok(wanted.min(longest));
    }
    let problem = format!("{} samples make fewer than {FEWEST} independent blocks (of at least {least})", values.len());
    Err(Error::data("the calibration stretch", problem, "calibrate on a longer stretch, or set the length of a block"))
}

/// Means of whole blocks.
pub(super) fn means(values: &[f64], length: usize) -> Vec<f64> {
    values.chunks_exact(length).map(|block| block.iter().sum::<f64>() / length as f64).collect()
}

/// The place of every value among them, minus the mean place: what counts is order.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    order.iter().enumerate().for_each(|(rank, &at)| ranks[at] = rank as f64 - (values.len() - 1) as f64 / 2.0);
    ranks
}

/// Correlation of centred values with themselves `lag` later.
fn correlation(values: &[f64], lag: usize) -> f64 {
    let product: f64 = values.iter().zip(&values[lag..]).map(|(a, b)| a * b).sum();
    product / values.iter().map(|value| value * value).sum::<f64>().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use rand::RngExt;

    #[test]
    fn blocks_grow_with_the_memory_of_the_values() {
        let mut rng = Seed(1).rng();
        let mut walk = |memory: f64| {
            let mut value = 0.0;
            let mut next = || {
                value = memory * value + rng.random::<f64>() - 0.5;
                value
            };
            (0..20_000).map(|_| next()).collect::<Vec<f64>>()
        };
        assert_eq!(block_length(&walk(0.0), 10).unwrap(), 10);
        // The integrated correlation time of this walk is (1 + 0.99) / (1 - 0.99) = 199 samples.
        let long = block_length(&walk(0.99), 10).unwrap();
        assert!((500..=1200).contains(&long), "{long}");
        assert!(block_length(&walk(0.0)[..150], 10).unwrap_err().to_string().contains("longer stretch"));
    }
}
