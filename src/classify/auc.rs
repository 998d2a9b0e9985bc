//! Area under the ROC curve from real scores.

use super::interval::mean;
use nalgebra::DMatrix;

/// Area under the ROC curve of one score: the probability that a series of the class scores above one that is not of it, ties counted half
/// (Mann & Whitney).
///
/// ```
/// use crosscurrent::classify::auc;
/// // Pairs: 0.9 above both, 0.4 above one and level with the other.
/// assert_eq!(auc(&[0.9, 0.4, 0.4, 0.1], &[true, true, false, false]), 0.875);
/// assert!(auc(&[0.1, 0.2], &[true, true]).is_nan());
/// ```
pub fn auc(scores: &[f64], of_class: &[bool]) -> f64 {
    let placements = placements(scores, of_class);
    let inside: Vec<f64> = placements.into_iter().zip(of_class).filter(|(_, of)| **of).map(|(share, _)| share).collect();
    if inside.len() == scores.len() { f64::NAN } else { mean(&inside) }
}

/// For each series, the share of the other group that it beats (of the class) or that beats it (not of the class), ties counted half.
///
/// Their means over either group are the area; their variances within the groups give its standard error (DeLong, DeLong &
/// Clarke-Pearson 1988).
fn placements(scores: &[f64], of_class: &[bool]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let inside = of_class.iter().filter(|of| **of).count();
    let outside = scores.len() - inside;
    let (mut below_inside, mut below_outside) = (0, 0);
    let mut shares = vec![0.0; scores.len()];
    for run in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let tied_inside = run.iter().filter(|&&k| of_class[k]).count();
        let tied_outside = run.len() - tied_inside;
        for &k in run {
            shares[k] = if of_class[k] {
                (below_outside as f64 + 0.5 * tied_outside as f64) / outside as f64
            } else {
                ((inside - below_inside - tied_inside) as f64 + 0.5 * tied_inside as f64) / inside as f64
            };
        }
        below_inside += tied_inside;
        below_outside += tied_outside;
    }
    shares
}

/// One-versus-rest area averaged over the classes that occur, and what each series adds to it.
///
/// The second value is the influence of each series: the area is their mean over all series, and var(influence) / n estimates the variance
/// of the area. `scores` is series × classes.
pub(super) fn macro_auc(scores: &DMatrix<f64>, truth: &[usize]) -> (f64, Vec<f64>) {
    let total = truth.len();
    let mut influence = vec![0.0; total];
    let (mut sum, mut used) = (0.0, 0);
    for class in 0..scores.ncols() {
        let of_class: Vec<bool> = truth.iter().map(|&label| label == class).collect();
        let inside = of_class.iter().filter(|of| **of).count();
        if inside == 0 || inside == total {
            continue;
        }
        let column: Vec<f64> = scores.column(class).iter().copied().collect();
        let shares = placements(&column, &of_class);
        let area = auc(&column, &of_class);
        for (k, share) in shares.iter().enumerate() {
            let group = if of_class[k] { inside } else { total - inside };
            influence[k] += (share - area) * total as f64 / group as f64;
        }
        (sum, used) = (sum + area, used + 1);
    }
    let area = sum / f64::from(used);
    influence.iter_mut().for_each(|value| *value = area + *value / f64::from(used));
    (area, influence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use rand::RngExt;

    #[test]
    fn areas_by_hand() {
        assert_eq!(auc(&[1.0, 2.0, 3.0], &[false, false, true]), 1.0);
        assert_eq!(auc(&[1.0, 2.0, 3.0], &[true, false, false]), 0.0);
        assert_eq!(auc(&[5.0; 4], &[true, false, true, false]), 0.5);
        assert_eq!(auc(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]), 0.75);
    }

    #[test]
    fn the_area_is_the_share_of_ordered_pairs() {
        let mut rng = Seed(3).rng();
        let scores: Vec<f64> = (0..60).map(|_| f64::from(rng.random_range(0..15))).collect();
        let of: Vec<bool> = (0..60).map(|_| rng.random::<f64>() < 0.4).collect();
        let (mut sum, mut pairs) = (0.0, 0.0);
        for a in (0..60).filter(|&k| of[k]) {
            for b in (0..60).filter(|&k| !of[k]) {
                sum += if scores[a] > scores[b] {
                    1.0
                } else if scores[a] == scores[b] {
                    0.5
                } else {
                    0.0
                };
                pairs += 1.0;
            }
        }
        assert!((auc(&scores, &of) - sum / pairs).abs() < 1e-14);
        let shares = placements(&scores, &of);
        let outside: Vec<f64> = (0..60).filter(|&k| !of[k]).map(|k| shares[k]).collect();
        assert!((outside.iter().sum::<f64>() / outside.len() as f64 - sum / pairs).abs() < 1e-14);
    }

    #[test]
    fn the_macro_average_is_the_mean_of_the_classes() {
        let scores = DMatrix::from_fn(30, 3, |k, c| ((k * 7 + c * 3) as f64).sin() + f64::from(u8::from(k % 3 == c)));
        let truth: Vec<usize> = (0..30).map(|k| k % 3).collect();
        let by_hand: f64 = (0..3)
            .map(|c| auc(&scores.column(c).iter().copied().collect::<Vec<_>>(), &truth.iter().map(|&t| t == c).collect::<Vec<_>>()))
            .sum::<f64>()
            / 3.0;
        let (area, influence) = macro_auc(&scores, &truth);
        assert!((area - by_hand).abs() < 1e-14);
        assert!((influence.iter().sum::<f64>() / 30.0 - area).abs() < 1e-12);
    }
}
