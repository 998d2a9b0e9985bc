//! Files: numbers in and out of NumPy, MATLAB and CSV files, settings from TOML, results that are never half written.
//!
//! A file is read into [`Arrays`] by [`read_arrays`]; what cannot be read is refused in one line that says what to do.

mod array;
mod arrays;
mod durable;
mod flaw;
mod mat;
mod npy;
mod npz;

pub use array::Array;
pub use arrays::Arrays;
pub use durable::{create_folder, write_atomically};
pub use npy::write_npy;
pub use npz::{Packing, write_npz};
