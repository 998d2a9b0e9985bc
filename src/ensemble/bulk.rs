//! Bulk: the region that the eigenvalues of a large random matrix fill, and how densely.

use super::{block_law, column_law};
use nalgebra::{Complex, DMatrix};
use std::f64::consts::{PI, TAU};

/// The law of all eigenvalues but the outliers, in the limit of many neurons.
///
/// ```
/// use crosscurrent::ensemble::Bulk;
/// // Half of the columns with standard deviation 0.5 / √N, half with 2 / √N (Rajan & Abbott 2006).
/// let bulk = Bulk::Columns { classes: vec![(0.5, 0.25), (0.5, 4.0)] };
/// assert!((bulk.radius() - 1.4577).abs() < 1e-4);
/// assert!((bulk.quantile(0.5).unwrap() / bulk.radius() - 0.4851).abs() < 1e-4);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Bulk {
    /// A uniform disc (Girko 1985).
    Disc {
        /// Radius.
        radius: f64,
    },
    /// A uniform ellipse (Sommers et al. 1988). Where one semi-axis is 0 it is a segment of a semicircular density.
    Ellipse {
        /// Semi-axis along the real numbers.
        real: f64,
        /// Semi-axis along the imaginary numbers.
        imaginary: f64,
    },
    /// All eigenvalues on a circle, uniformly: orthogonal matrices.
    Circle {
        /// Radius.
        radius: f64,
    },
    /// A disc that is denser in the middle: every column of J has a variance of its own (Rajan & Abbott 2006).
    ///
    /// With p_k the fraction of the columns and s_k = N × variance, the fraction F of the eigenvalues within r is given by a parameter
    /// u ≥ 0: r² = Σ p_k s_k / (1 + s_k u), F = 1 − u r².
    Columns {
        /// (p_k, s_k) of each class; the p_k add up to 1.
        classes: Vec<(f64, f64)>,
    },
    /// A disc with a density of its own: every pair of regions has its variance (Aljadeff, Stern & Sharpee 2015).
    ///
    /// The radius is the root of the Perron eigenvalue of Q_ab = α_b g_ab².
    Blocks {
        /// α: share of the neurons in each region; they add up to 1.
        fractions: Vec<f64>,
        /// g: regions × regions, rows are targets. A weight from region b to a has variance g_ab² / N, with N all neurons.
        gains: DMatrix<f64>,
    },
}

impl Bulk {
    /// Radius of the smallest disc around 0 that holds the bulk.
    pub fn radius(&self) -> f64 {
        match self {
            Bulk::Disc { radius } | Bulk::Circle { radius } => *radius,
            Bulk::Ellipse { real, imaginary } => real.max(*imaginary),
            Bulk::Columns { classes } => column_law::squared_radius(classes, 0.0).sqrt(),
            Bulk::Blocks { fractions, gains } => block_law::radius(fractions, gains),
        }
    }

    /// Whether `z` is in the support, when that is made wider by `slack` (a distance) on every side.
    pub fn contains(&self, z: Complex<f64>, slack: f64) -> bool {
        match self {
            Bulk::Circle { radius } => (z.norm() - radius).abs() <= slack,
            Bulk::Ellipse { real, imaginary } => {
                let reach = |value: f64, axis: f64| if value == 0.0 { 0.0 } else { (value / (axis + slack)).powi(2) };
                reach(z.re, *real) + reach(z.im, *imaginary) <= 1.0
            }
            _ => z.norm() <= self.radius() + slack,
        }
    }

    /// F(r): fraction of the eigenvalues with modulus at most `r`; `None` where the density depends on the direction.
    pub fn radial_fraction(&self, r: f64) -> Option<f64> {
        let radius = self.radius();
        if self.is_isotropic() && r >= radius {
            return Some(1.0);
        }
        let r = r.max(0.0);
        match self {
            Bulk::Circle { .. } => Some(0.0),
            Bulk::Columns { classes } => Some(column_law::fraction(classes, r)),
            Bulk::Blocks { fractions, gains } => Some(block_law::fraction(fractions, gains, r)),
            _ => self.is_isotropic().then(|| (r / radius).powi(2)),
        }
    }

    /// The modulus that a fraction `p` (0 to 1) of the eigenvalues stay below; `None` where the density depends on the direction.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let p = p.clamp(0.0, 1.0);
        let radius = self.radius();
        match self {
            Bulk::Circle { .. } => Some(radius),
            Bulk::Columns { classes } => Some(column_law::quantile(classes, p)),
            Bulk::Blocks { fractions, gains } => Some(bisect(0.0, radius, |r| block_law::fraction(fractions, gains, r) < p)),
            _ => self.is_isotropic().then(|| radius * p.sqrt()),
        }
    }

    /// Eigenvalues per unit of area at `z`, as a share of all. Where the support is a curve (circle, segment), per unit of its length.
    ///
    /// Columns or rows of zeros are eigenvalues that are exactly 0; the density leaves them out.
    pub fn density(&self, z: Complex<f64>) -> f64 {
        let r = z.norm();
        if !self.contains(z, 0.0) {
            return 0.0;
        }
        match self {
            Bulk::Disc { radius } => 1.0 / (PI * radius.powi(2)),
            Bulk::Circle { radius } => 1.0 / (TAU * radius),
            Bulk::Ellipse { real, imaginary } if *real == 0.0 || *imaginary == 0.0 => {
                let half = real.max(*imaginary);
                2.0 / (PI * half.powi(2)) * (half.powi(2) - r.powi(2)).max(0.0).sqrt()
            }
            Bulk::Ellipse { real, imaginary } => 1.0 / (PI * real * imaginary),
            Bulk::Columns { classes } => column_law::density(classes, r),
            Bulk::Blocks { fractions, gains } => block_law::density(fractions, gains, r),
        }
    }

    /// The edge as a closed curve of `points` + 1 points (real, imaginary), the last equal to the first: for drawing.
    pub fn outline(&self, points: usize) -> Vec<(f64, f64)> {
        let (real, imaginary) = match self {
            Bulk::Ellipse { real, imaginary } => (*real, *imaginary),
            _ => (self.radius(), self.radius()),
        };
        let angle = |k: usize| TAU * (k % points.max(1)) as f64 / points.max(1) as f64;
        (0..=points).map(|k| (real * angle(k).cos(), imaginary * angle(k).sin())).collect()
    }

    fn is_isotropic(&self) -> bool {
        !matches!(self, Bulk::Ellipse { real, imaginary } if real != imaginary)
    }
}

/// The place between `low` and `high` where `below` turns from true to false, to the last bit.
pub(super) fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if below(middle) { low = middle } else { high = middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn bulks() -> Vec<Bulk> {
        vec![
            Bulk::Disc { radius: 1.3 },
            Bulk::Ellipse { real: 1.5, imaginary: 0.5 },
            Bulk::Ellipse { real: 0.7, imaginary: 0.7 },
            Bulk::Columns { classes: vec![(0.8, 0.25), (0.2, 4.0)] },
            three_regions(),
        ]
    }

    /// Three regions, one of them without a weight to another.
    fn three_regions() -> Bulk {
        Bulk::Blocks { fractions: vec![0.5, 0.3, 0.2], gains: dmatrix![1.2, 0.5, 0.0; 0.8, 0.6, 1.0; 0.2, 1.5, 0.9] }
    }

    #[test]
    fn densities_integrate_to_one_and_to_the_radial_fraction() {
        for bulk in bulks() {
            let radius = bulk.radius();
            let half = 150;
            let step = radius / half as f64;
            let (mut all, mut inner) = (0.0, 0.0);
            for i in -half..half {
                for k in -half..half {
                    let z = Complex::new((f64::from(i) + 0.5) * step, (f64::from(k) + 0.5) * step);
                    // The radial law costs an iteration a point: one octant is enough where the density is isotropic.
                    let octant = z.re > 0.0 && z.im > 0.0 && z.im <= z.re;
                    if bulk.is_isotropic() && !octant {
                        continue;
                    }
                    let weight = if !bulk.is_isotropic() {
                        1.0
                    } else if z.re == z.im {
                        4.0
                    } else {
                        8.0
                    };
                    let mass = weight * bulk.density(z) * step * step;
                    all += mass;
                    inner += if z.norm() < 0.5 * radius { mass } else { 0.0 };
                }
            }
            assert!((all - 1.0).abs() < 5e-3, "{bulk:?}: {all}");
            if let Some(fraction) = bulk.radial_fraction(0.5 * radius) {
                assert!((inner - fraction).abs() < 5e-3, "{bulk:?}: {inner} {fraction}");
            }
        }
    }

    #[test]
    fn quantiles_invert_the_radial_fraction() {
        for bulk in bulks().iter().filter(|bulk| bulk.is_isotropic()) {
            for p in [0.05, 0.3, 0.5, 0.9, 0.99] {
                let r = bulk.quantile(p).unwrap();
                assert!((bulk.radial_fraction(r).unwrap() - p).abs() < 1e-9, "{bulk:?} {p}");
            }
            assert_eq!(bulk.radial_fraction(1.01 * bulk.radius()), Some(1.0));
        }
    }

    #[test]
    fn segments_have_a_semicircle_and_circles_are_thin() {
        let segment = Bulk::Ellipse { real: 0.0, imaginary: 2.0 };
        assert!((segment.density(Complex::new(0.0, 1.0)) - 3.0_f64.sqrt() / TAU).abs() < 1e-15);
        assert_eq!(segment.density(Complex::new(0.1, 1.0)), 0.0);
        assert_eq!(segment.radial_fraction(1.0), None);
        let circle = Bulk::Circle { radius: 0.5 };
        assert!(circle.contains(Complex::new(0.0, 0.51), 0.02) && !circle.contains(Complex::new(0.0, 0.4), 0.02));
        assert_eq!(circle.radial_fraction(0.49), Some(0.0));
    }

    #[test]
    fn the_outline_is_the_edge() {
        let curve = Bulk::Ellipse { real: 1.5, imaginary: 0.5 }.outline(64);
        assert_eq!((curve.len(), curve[0]), (65, curve[64]));
        assert!(curve.iter().all(|(x, y)| ((x / 1.5).powi(2) + (y / 0.5).powi(2) - 1.0).abs() < 1e-12));
    }

    #[test]
    fn the_radial_law_of_regions_has_the_published_values() {
        // T7 and T8.
        let bulk = three_regions();
        let radius = bulk.radius();
        assert!((radius - 0.88025).abs() < 1e-5, "{radius}");
        for (share, expected) in [(0.25, 0.0693), (0.5, 0.2753), (0.75, 0.6124), (0.9, 0.8559), (0.99, 0.9867)] {
            let fraction = bulk.radial_fraction(share * radius).unwrap();
            assert!((fraction - expected).abs() < 1e-4, "{share}: {fraction}");
        }
        assert!((bulk.quantile(0.5).unwrap() / radius - 0.6760).abs() < 1e-4);
    }

    #[test]
    fn one_region_is_a_disc_and_a_chain_is_the_union_of_its_links() {
        let one = Bulk::Blocks { fractions: vec![1.0], gains: dmatrix![1.4] };
        assert!((one.radial_fraction(0.7).unwrap() - 0.25).abs() < 1e-12);
        assert!((one.density(Complex::new(0.3, 0.4)) - 1.0 / (PI * 1.96)).abs() < 1e-6);
        // Feed-forward weights, however strong, move no eigenvalue: discs of radius √α_a g_aa.
        let chain = Bulk::Blocks { fractions: vec![0.5, 0.5], gains: dmatrix![1.0, 0.0; 7.0, 2.0] };
        assert!((chain.radius() - 2.0_f64.sqrt()).abs() < 1e-12);
        assert!((chain.radial_fraction(0.5).unwrap() - (0.5 * 0.25 / 0.5 + 0.5 * 0.25 / 2.0)).abs() < 1e-9);
        assert!((chain.radial_fraction(1.0).unwrap() - (0.5 + 0.5 * 0.5)).abs() < 1e-9);
    }

    #[test]
    fn the_radial_law_of_columns_has_the_published_quantiles() {
        // T4: quantiles of r / R.
        for ((f, excitatory, inhibitory), radius, quantiles) in [
            ((0.5, 1.0, 1.0), 1.0, [0.3162, 0.5000, 0.7071, 0.8660, 0.9487]),
            ((0.5, 0.5, 2.0), 1.4577, [0.1555, 0.2693, 0.4851, 0.7567, 0.9078]),
            ((0.8, 0.5, 2.0), 1.0, [0.1775, 0.2874, 0.4360, 0.6347, 0.8385]),
            ((0.5, 0.2, 1.0), 0.7211, [0.1277, 0.2245, 0.4385, 0.7419, 0.9035]),
        ] {
            let bulk = Bulk::Columns { classes: vec![(f, f64::powi(excitatory, 2)), (1.0 - f, f64::powi(inhibitory, 2))] };
            assert!((bulk.radius() - radius).abs() < 1e-4);
            for (p, expected) in [0.1, 0.25, 0.5, 0.75, 0.9].into_iter().zip(quantiles) {
                let found = bulk.quantile(p).unwrap() / bulk.radius();
                assert!((found - expected).abs() < 1e-4, "{f} {excitatory} {inhibitory}, {p}: {found}");
            }
        }
    }

    #[test]
    fn columns_of_zeros_are_eigenvalues_at_zero() {
        let bulk = Bulk::Columns { classes: vec![(0.3, 0.0), (0.7, 1.0)] };
        assert!((bulk.radial_fraction(0.0).unwrap() - 0.3).abs() < 1e-12);
        assert_eq!(bulk.quantile(0.2), Some(0.0));
        assert_eq!(Bulk::Columns { classes: vec![(1.0, 0.0)] }.radial_fraction(0.0), Some(1.0));
    }
}
