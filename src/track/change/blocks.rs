//! How long a block has to be so that the means of neighbouring blocks do not know of each other.

use crate::error::{Error, Result};

/// Fewest blocks from which ranks say anything.
pub(super) const FEWEST: usize = 20;

/// Samples of a block: the shortest of `shortest`, twice that, four times that, … at which the correlation between the means of
/// neighbouring blocks of `values` is within two standard errors of zero (or below).
///
/// # Errors
/// [`Error::Data`] when that would leave fewer than 20 blocks.
pub fn block_length(values: &[f64], shortest: usize) -> Result<usize> {
    let mut length = shortest.max(1);
    loop {
        let means = means(values, length);
        if means.len() < FEWEST {
            let problem = format!("{} samples make fewer than {FEWEST} independent blocks", values.len());
            return Err(Error::data("the calibration stretch", problem, "calibrate on a longer stretch"));
        }
        if neighbours(&means) <= 2.0 / (means.len() as f64).sqrt() {
            return Ok(length);
        }
        length *= 2;
    }
}

/// Means of whole blocks.
pub(super) fn means(values: &[f64], length: usize) -> Vec<f64> {
    values.chunks_exact(length).map(|block| block.iter().sum::<f64>() / length as f64).collect()
}

/// Correlation of each value with the next one; 0 where nothing varies. Ranks take the place of values: what counts is order.
fn neighbours(values: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    order.iter().enumerate().for_each(|(rank, &at)| ranks[at] = rank as f64 - (values.len() - 1) as f64 / 2.0);
    let square: f64 = ranks.iter().map(|rank| rank * rank).sum();
    if square == 0.0 { 0.0 } else { ranks.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / square }
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
        let long = block_length(&walk(0.99), 10).unwrap();
        assert!((160..=1000).contains(&long), "{long}");
        assert!(block_length(&walk(0.0)[..150], 10).unwrap_err().to_string().contains("longer stretch"));
    }
}
