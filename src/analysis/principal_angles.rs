//! Angles between subspaces, such as those that the activity of two tasks, or the time courses of two regions, span.

use super::principal_components::PrincipalComponents;
use crate::error::{Error, Result};
use crate::linalg::{orthonormalise, product, singular_values, svd};
use crate::recording::Recording;
use crate::regions::Projection;
use nalgebra::DMatrix;

/// The principal angles between the spans of the columns of `first` and `second` (equal numbers of rows), in radians, smallest first; as many
/// as the smaller number of columns. 0: a shared direction, π/2: orthogonal.
///
/// Cosines are the singular values of Q_first^T Q_second; where they are near 1 the angle comes from its sine, which rounding spares
/// (Björck & Golub 1973).
///
/// ```
/// use crosscurrent::analysis::principal_angles;
/// use nalgebra::dmatrix;
/// // Two planes that share the first axis and enclose 30° around it.
/// let (sin, cos) = 30.0_f64.to_radians().sin_cos();
/// let angles = principal_angles(&dmatrix![1.0, 0.0; 0.0, 1.0; 0.0, 0.0], &dmatrix![2.0, 1.0; 0.0, cos; 0.0, sin])?;
/// assert!(angles[0] < 1e-12 && (angles[1].to_degrees() - 30.0).abs() < 1e-12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// Matrices with different numbers of rows, without columns, with more columns than rows, with dependent columns, or with values that are not finite.
pub fn principal_angles(first: &DMatrix<f64>, second: &DMatrix<f64>) -> Result<Vec<f64>> {
    if first.nrows() != second.nrows() {
        return Err(Error::shape("subspaces", format!("{} dimensions, as the first", first.nrows()), second.nrows()));
    }
    let (mut first, mut second) = (basis(first)?, basis(second)?);
    if first.ncols() < second.ncols() {
        std::mem::swap(&mut first, &mut second);
    }
    let overlap = product(&first.transpose(), &second);
    let cosines = singular_values(&overlap)?;
    let mut sines = singular_values(&(&second - product(&first, &overlap)))?;
    sines.sort_by(f64::total_cmp);
    let angle = |(cosine, sine): (&f64, &f64)| if *cosine > 0.7 { sine.clamp(0.0, 1.0).asin() } else { cosine.clamp(0.0, 1.0).acos() };
    Ok(cosines.iter().zip(&sines).map(angle).collect())
}

/// Orthonormal columns with the same span.
fn basis(columns: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    if columns.ncols() == 0 || columns.ncols() > columns.nrows() {
        let found = format!("{} × {}", columns.nrows(), columns.ncols());
        return Err(Error::shape("basis of a subspace", "at least 1 column, and not more than rows", found));
    }
    if columns.iter().any(|value| !value.is_finite()) {
        return Err(Error::data("basis of a subspace", "a value is not finite", "use finite values"));
    }
    let mut q = columns.clone();
    q.column_iter_mut().for_each(|mut column| {
        let length = column.norm();
        column /= length;
    });
    let r = orthonormalise(&mut q);
    // A NaN from a column of zeros must fail here as well.
    if !(0..r.ncols()).all(|k| r[(k, k)] > 1e-12) {
        return Err(Error::data("basis of a subspace", "its columns depend on each other", "use fewer columns"));
    }
    Ok(q)
}

/// What the activity of two regions has in common: angles between the subspaces of time that their principal components span.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedTimeCourses {
    /// Angles in radians, smallest first. Their cosines are the canonical correlations of the components (Hotelling 1936).
    pub angles: Vec<f64>,
    /// The same angles on average over shifts of one region in time, which undo any relation but keep the memory of both.
    pub shifted: Vec<f64>,
}

impl SharedTimeCourses {
    /// Shifts over which the null is averaged.
    const SHIFTS: usize = 20;

    /// Of the leading `components` principal components of the two regions of a projection.
    ///
    /// Two regions have different neurons, so what can be compared are the time courses. Few samples, or slow ones, make small angles by
    /// chance: compare with `shifted`, the mean over 20 circular shifts between a tenth and nine tenths of the recording.
    ///
    /// ```
    /// use crosscurrent::{Projection, Recording, Regions, analysis::SharedTimeCourses};
    /// use nalgebra::DMatrix;
    /// // Both regions follow one sine; each has a second one of its own.
    /// let own = [0.031, 0.047, 0.083, 0.083];
    /// let rates = DMatrix::from_fn(4, 2000, |i, k| (0.11 * k as f64).sin() * [1.0, 2.0, 1.0, -1.0][i] + (own[i] * k as f64).sin() * [1.0, 0.0, 1.0, 1.0][i]);
    /// let recording = Recording::new(rates, 0.01, Regions::new([("A", 2), ("B", 2)])?)?;
    /// let found = SharedTimeCourses::of(&recording, &Projection::new("A", "B"), 2)?;
    /// assert!(found.angles[0].to_degrees() < 3.0 && found.angles[1].to_degrees() > 85.0);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// A region that is not there or varies in fewer than `components` directions, or fewer than ten samples per component.
    pub fn of(recording: &Recording, pair: &Projection, components: usize) -> Result<Self> {
        if components == 0 || recording.samples() < 10 * components {
            let wanted = format!("1 to {} (a tenth of the samples)", recording.samples() / 10);
            return Err(Error::parameter("components", components, wanted));
        }
        let (first, second) = (time_courses(recording, &pair.source, components)?, time_courses(recording, &pair.target, components)?);
        let samples = recording.samples();
        let mut shifted = vec![0.0; components];
        for k in 0..Self::SHIFTS {
            let shift = samples / 10 + k * (samples * 8 / 10) / (Self::SHIFTS - 1);
            let moved = DMatrix::from_fn(samples, components, |row, column| second[((row + shift) % samples, column)]);
            let cosines = svd(&product(&first.transpose(), &moved))?.s;
            shifted.iter_mut().zip(cosines.iter()).for_each(|(sum, cosine)| *sum += cosine.min(1.0).acos() / Self::SHIFTS as f64);
        }
        Ok(SharedTimeCourses { angles: principal_angles(&first, &second)?, shifted })
    }
}

/// Time courses of the leading components of one region, samples × components, each of length 1.
fn time_courses(recording: &Recording, region: &str, count: usize) -> Result<DMatrix<f64>> {
    let range = recording.regions.range(region)?;
    let activity = recording.rates.rows(range.start, range.len()).into_owned();
    let components = PrincipalComponents::of(&activity)?;
    let varying = components.variances.iter().filter(|variance| **variance > 1e-12 * components.variances[0]).count();
    if varying < count {
        return Err(Error::data(format!("region '{region}'"), format!("its activity has fewer than {count} dimensions"), "ask for fewer"));
    }
    let mut courses = components.scores(&activity, count)?.transpose();
    courses.column_iter_mut().for_each(|mut column| {
        let length = column.norm();
        column /= length;
    });
    Ok(courses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use crate::seed::Seed;
    use nalgebra::dmatrix;
    use rand_distr::{Distribution, StandardNormal};
    use std::f64::consts::FRAC_PI_2;

    #[test]
    fn angles_are_those_that_the_planes_were_built_with() {
        for angle in [0.0, 1e-9, 1e-3, 0.4, 1.2, FRAC_PI_2] {
            let (sin, cos) = f64::sin_cos(angle);
            let first = dmatrix![1.0, 1.0; 0.0, 2.0; 0.0, 0.0; 0.0, 0.0];
            // One direction at `angle` to the first axis, one at 1 rad to the second.
            let second = dmatrix![cos, 0.0; 0.0, 1.0_f64.cos(); sin, 0.0; 0.0, 1.0_f64.sin()];
            let mut expected = [angle, 1.0];
            expected.sort_by(f64::total_cmp);
            let found = principal_angles(&first, &second).unwrap();
            assert!((0..2).all(|k| (found[k] - expected[k]).abs() < 1e-12), "{found:?} against {expected:?}");
        }
        let line = dmatrix![1.0; 1.0; 0.0];
        assert!((principal_angles(&line, &dmatrix![1.0, 0.0; 0.0, 0.0; 0.0, 1.0]).unwrap()[0] - FRAC_PI_2 / 2.0).abs() < 1e-12);
    }

    #[test]
    fn unrelated_slow_signals_have_the_angles_of_their_shifts() {
        let mut rng = Seed(4).rng();
        let mut rates = DMatrix::from_fn(8, 800, |_, _| <StandardNormal as Distribution<f64>>::sample(&StandardNormal, &mut rng));
        for k in 1..800 {
            for i in 0..8 {
                rates[(i, k)] += 0.95 * rates[(i, k - 1)];
            }
        }
        let recording = Recording::new(rates, 0.1, Regions::new([("A", 4), ("B", 4)]).unwrap()).unwrap();
        let found = SharedTimeCourses::of(&recording, &Projection::new("A", "B"), 3).unwrap();
        assert!(found.shifted[0] < 1.4, "memory makes small angles by chance: {:?}", found.shifted);
        assert!((0..3).all(|k| (found.angles[k] - found.shifted[k]).abs() < 0.25), "{found:?}");
        let own = SharedTimeCourses::of(&recording, &Projection::new("A", "A"), 3).unwrap();
        assert!(own.angles.iter().all(|angle| *angle < 1e-7));
    }

    #[test]
    fn spans_that_are_none_are_refused() {
        let plane = DMatrix::identity(3, 2);
        assert!(principal_angles(&plane, &DMatrix::identity(4, 2)).is_err());
        assert!(principal_angles(&plane, &DMatrix::zeros(3, 1)).is_err());
        assert!(principal_angles(&plane, &dmatrix![1.0, 2.0; 1.0, 2.0; 1.0, 2.0]).is_err());
        assert!(principal_angles(&plane, &DMatrix::zeros(3, 0)).is_err());
        let recording = Recording::new(DMatrix::from_element(2, 50, 1.0), 0.1, Regions::new([("A", 1), ("B", 1)]).unwrap()).unwrap();
        assert!(SharedTimeCourses::of(&recording, &Projection::new("A", "B"), 1).is_err());
        assert!(SharedTimeCourses::of(&recording, &Projection::new("A", "C"), 1).is_err());
    }
}
