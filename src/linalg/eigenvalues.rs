//! Eigenvalues of square matrices.

use super::schur::{self, Form};
use super::workers::Workers;
use super::{hessenberg, view};
use crate::error::{Error, Result};
use crate::kernels::{BlockMut, Buffer};
use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, evd_real, evd_scratch};
use faer::{Par, Side};
use nalgebra::{Complex, DMatrix};

/// Rows from which the reduction and the iteration of this module are faster than those of the decomposition library.
const LARGE: usize = 256;

/// Size of elements, 2^500, from which a matrix is scaled.
const FAR: f64 = f64::from_bits((1023 + 500) << 52);

/// The eigenvalues of a square matrix, in decreasing order of modulus; of equal moduli the larger real part first, then the larger
/// imaginary part. The two of a conjugate pair have exactly equal moduli, so they stand together, the one above the real axis first.
///
/// Hessenberg form, then the multishift QR iteration with aggressive early deflation: about 10 n³ operations. Large matrices take two
/// threads where there are two; parts, not threads, decide the order of the sums, so the same matrix gives the same bits.
///
/// ```
/// use crosscurrent::linalg::eigenvalues;
/// use nalgebra::{Complex, dmatrix};
/// let found = eigenvalues(&dmatrix![0.0, -2.0; 2.0, 0.0])?;
/// assert_eq!(found.len(), 2);
/// assert!((found[0] - Complex::new(0.0, 2.0)).norm() < 1e-14);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] unless the matrix is square, [`Error::Data`] for values that are not finite, [`Error::NotConverged`] when the
/// iteration fails.
pub fn eigenvalues(matrix: &DMatrix<f64>) -> Result<Vec<Complex<f64>>> {
    check(matrix)?;
    let n = matrix.nrows();
    if n == 0 {
        return Ok(Vec::new());
    }
    let mut values = if n < LARGE { small(matrix)? } else { large(matrix)? };
    let order = |a: &Complex<f64>, b: &Complex<f64>| b.norm().total_cmp(&a.norm()).then(b.re.total_cmp(&a.re)).then(b.im.total_cmp(&a.im));
    values.sort_by(order);
    Ok(values)
}

/// By the decomposition library, on this thread.
fn small(matrix: &DMatrix<f64>) -> Result<Vec<Complex<f64>>> {
    let (n, none) = (matrix.nrows(), ComputeEigenvectors::No);
    let mut memory = MemBuffer::new(evd_scratch::<f64>(n, none, none, Par::Seq, Default::default()));
    let (mut re, mut im) = (Diag::<f64>::zeros(n), Diag::<f64>::zeros(n));
    let stack = MemStack::new(&mut memory);
    let (re_mut, im_mut) = (re.as_mut(), im.as_mut());
    evd_real(view(matrix), re_mut, im_mut, None, None, Par::Seq, stack, Default::default()).map_err(|_| failed())?;
    let parts = re.column_vector().iter().zip(im.column_vector().iter());
    Ok(parts.map(|(&re, &im)| Complex::new(re, im)).collect())
}

/// By the reduction and the iteration of this module, which read memory less and use all SIMD lanes.
fn large(matrix: &DMatrix<f64>) -> Result<Vec<Complex<f64>>> {
    let n = matrix.nrows();
    // Columns on cache lines, and not at a distance that caches fold onto itself.
    let step = n.next_multiple_of(8) + 8;
    let mut values = Buffer::zeros(step * n);
    let mut h = BlockMut::new(&mut values, n, n, step);
    let scale = scale(matrix);
    for j in 0..n {
        h.column(j).iter_mut().zip(matrix.column(j).iter()).for_each(|(to, from)| *to = scale * from);
    }
    let mut workers = Workers::new();
    hessenberg::reduce(&mut h, &mut workers);
    let mut form = Form { h, z: None };
    let done = schur::triangularise(&mut form, &mut workers);
    let values: Vec<_> = form.eigenvalues().into_iter().map(|value| value / scale).collect();
    if done && values.iter().all(|value| value.re.is_finite() && value.im.is_finite()) { Ok(values) } else { Err(failed()) }
}

/// A power of two that brings a matrix of extreme size to where no square of an element overflows or vanishes.
fn scale(matrix: &DMatrix<f64>) -> f64 {
    match matrix.amax() {
        size if size > FAR => FAR.recip(),
        size if size < FAR.recip() => FAR,
        _ => 1.0,
    }
}

/// The eigenvalues of a symmetric matrix, of which the lower half is read, in decreasing order.
///
/// ```
/// use crosscurrent::linalg::symmetric_eigenvalues;
/// use nalgebra::dmatrix;
/// let found = symmetric_eigenvalues(&dmatrix![2.0, 1.0; 1.0, 2.0])?;
/// assert!((found[0] - 3.0).abs() < 1e-14 && (found[1] - 1.0).abs() < 1e-14);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// As [`eigenvalues`].
pub fn symmetric_eigenvalues(matrix: &DMatrix<f64>) -> Result<Vec<f64>> {
    check(matrix)?;
    faer::set_global_parallelism(Par::Seq);
    let mut values = view(matrix).self_adjoint_eigenvalues(Side::Lower).map_err(|_| failed())?;
    values.sort_by(|a, b| b.total_cmp(a));
    Ok(values)
}

fn check(matrix: &DMatrix<f64>) -> Result<()> {
    if !matrix.is_square() {
        let found = format!("{} × {}", matrix.nrows(), matrix.ncols());
        return Err(Error::shape("matrix with eigenvalues", "a square one", found));
    }
    match matrix.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(bad) => {
            let place = format!("entry [{}, {}] is {}", bad % matrix.nrows(), bad / matrix.nrows(), matrix[bad]);
            Err(Error::data("matrix with eigenvalues", place, "use finite values"))
        }
    }
}

fn failed() -> Error {
    let what = "the iteration for eigenvalues".into();
    Error::NotConverged { what, residual: f64::NAN, iterations: 0, tolerance: f64::EPSILON }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::product;

    fn wild(n: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| ((i * 7 + j * 13 + i * j) as f64 * 0.61).sin())
    }

    #[test]
    fn known_eigenvalues_come_back_through_a_change_of_basis() {
        // Blocks [[a, -b], [b, a]] have the eigenvalues a ± ib; the basis Q is orthogonal.
        for pairs in [1, 2, 5, 40, 90] {
            let n = 2 * pairs + 1;
            let mut d = DMatrix::zeros(n, n);
            let mut expected = vec![Complex::new(0.3, 0.0)];
            d[(n - 1, n - 1)] = 0.3;
            for k in 0..pairs {
                let (a, b) = ((k as f64 * 0.9).cos() * 2.0, 0.1 + k as f64 / pairs as f64);
                d.view_mut((2 * k, 2 * k), (2, 2)).copy_from_slice(&[a, b, -b, a]);
                expected.extend([Complex::new(a, b), Complex::new(a, -b)]);
            }
            let q = wild(n).qr().q();
            let mut found = eigenvalues(&product(&product(&q, &d), &q.transpose())).unwrap();
            for value in expected {
                let (nearest, distance) =
                    (0..found.len()).map(|k| (k, (found[k] - value).norm())).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
                assert!(distance < 1e-12, "{n}: {value} missed by {distance}");
                found.swap_remove(nearest);
            }
        }
    }

    #[test]
    fn the_order_is_by_modulus_and_pairs_stand_together() {
        for n in [0, 1, 2, 3, 17, 80, 150] {
            let found = eigenvalues(&wild(n)).unwrap();
            assert_eq!(found.len(), n);
            assert!(found.windows(2).all(|w| w[0].norm() >= w[1].norm()));
            for k in (0..n).filter(|&k| found[k].im > 0.0) {
                assert_eq!(found[k + 1], found[k].conj(), "{n}");
            }
            let trace: Complex<f64> = found.iter().sum();
            assert!((trace - wild(n).trace()).norm() < 1e-11 * (n.max(1) as f64));
        }
    }

    #[test]
    fn symmetric_eigenvalues_are_real_and_agree_with_the_general_ones() {
        for n in [1, 2, 9, 64] {
            let a = wild(n) + wild(n).transpose();
            let symmetric = symmetric_eigenvalues(&a).unwrap();
            assert!(symmetric.windows(2).all(|w| w[0] >= w[1]));
            let mut general: Vec<f64> = eigenvalues(&a).unwrap().iter().map(|z| z.re).collect();
            general.sort_by(|a, b| b.total_cmp(a));
            assert!(symmetric.iter().zip(&general).all(|(a, b)| (a - b).abs() < 1e-11), "{n}");
        }
    }

    #[test]
    fn the_bits_do_not_depend_on_the_number_of_threads() {
        let a = wild(700);
        let with = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| eigenvalues(&a).unwrap());
        let one = with(1);
        for threads in [2, 3, 8] {
            assert_eq!(one, with(threads), "{threads} threads");
        }
    }

    /// The distance of each value of `a` to its partner among `b`, at most.
    fn apart(a: &[Complex<f64>], b: &[Complex<f64>]) -> f64 {
        let mut b = b.to_vec();
        let mut most = 0.0_f64;
        for value in a {
            let (at, distance) = (0..b.len()).map(|k| (k, (b[k] - value).norm())).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            b.swap_remove(at);
            most = most.max(distance);
        }
        most
    }

    #[test]
    fn the_own_iteration_agrees_with_the_library_at_every_size() {
        for n in (1..=12).chain([40, 72, 73, 100, 161, 300]) {
            let a = wild(n) / (n as f64).sqrt();
            assert!(apart(&small(&a).unwrap(), &large(&a).unwrap()) < 1e-11, "{n}");
            let symmetric = &a + a.transpose();
            assert!(apart(&small(&symmetric).unwrap(), &large(&symmetric).unwrap()) < 1e-13 * (n + 10) as f64, "{n}");
        }
    }

    #[test]
    fn roots_of_unity_come_from_their_companion() {
        for n in [5, 73, 160, 301] {
            let companion = DMatrix::from_fn(n, n, |i, j| f64::from(u8::from((j + 1) % n == i)));
            let expected: Vec<_> = (0..n).map(|k| Complex::from_polar(1.0, 2.0 * std::f64::consts::PI * k as f64 / n as f64)).collect();
            assert!(apart(&expected, &large(&companion).unwrap()) < 1e-13, "{n}");
        }
    }

    #[test]
    fn triangular_zero_and_jordan_matrices_are_left_as_they_are() {
        for n in [4, 80, 200] {
            let upper = DMatrix::from_fn(n, n, |i, j| if i <= j { ((i + 3 * j) as f64).sin() } else { 0.0 });
            let diagonal: Vec<_> = (0..n).map(|k| Complex::new(upper[(k, k)], 0.0)).collect();
            assert_eq!(apart(&diagonal, &large(&upper).unwrap()), 0.0);
            assert_eq!(large(&DMatrix::zeros(n, n)).unwrap(), vec![Complex::new(0.0, 0.0); n]);
            let lower = DMatrix::from_fn(n, n, |i, j| if i == j { 0.5 } else { f64::from(u8::from(i == j + 1)) });
            assert_eq!(large(&lower).unwrap(), vec![Complex::new(0.5, 0.0); n]);
        }
    }

    #[test]
    fn neither_huge_nor_tiny_elements_harm() {
        let a = wild(280);
        let values = eigenvalues(&a).unwrap();
        for size in [2.0_f64.powi(1000), 2.0_f64.powi(-1000)] {
            let scaled: Vec<_> = eigenvalues(&(&a * size)).unwrap().into_iter().map(|value| value / size).collect();
            assert!(apart(&values, &scaled) < 1e-11);
        }
    }

    #[test]
    fn a_defective_matrix_has_its_one_eigenvalue() {
        let jordan = DMatrix::from_fn(6, 6, |i, j| if i == j { 0.5 } else { f64::from(u8::from(j == i + 1)) });
        assert!(eigenvalues(&jordan).unwrap().iter().all(|z| (z - 0.5).norm() < 1e-2));
    }

    #[test]
    fn bad_matrices_are_refused() {
        assert!(eigenvalues(&DMatrix::zeros(2, 3)).unwrap_err().to_string().contains("2 × 3"));
        let mut bad = wild(4);
        bad[(1, 2)] = f64::INFINITY;
        assert!(eigenvalues(&bad).unwrap_err().to_string().contains("[1, 2]"));
        assert!(symmetric_eigenvalues(&bad).is_err());
    }
}
