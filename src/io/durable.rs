//! Files that appear whole or not at all, and folders that are known to be writable before a long job starts.

use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a file under a temporary name in the same folder, then renames it: readers see the old file or the whole new one.
///
/// The data reach the disk before the rename. When `fill` fails, the temporary file is removed and an existing file stays as it was.
///
/// ```
/// use std::io::Write;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("note.txt");
/// crosscurrent::io::write_atomically(&path, |file| writeln!(file, "seed = 1"))?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "seed = 1\n");
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when the folder is missing or not writable, the disk is full, or `fill` fails.
pub fn write_atomically(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<()> {
    let target = replaceable(path)?;
    let temporary = temporary_beside(&target);
    let written = write_whole(&temporary, fill).and_then(|()| fs::rename(&temporary, &target));
    match written {
        Ok(()) => {
            sync_folder(&target);
            Ok(())
        }
        Err(error) => {
            // Best effort: what matters to the caller is the first error.
            let _ = fs::remove_file(&temporary);
            Err(unwritable(path, &error))
        }
    }
}

/// Makes a folder with its parents, and proves at once that files can be written there.
///
/// A job of an hour should fail in its first second, not when it saves its result.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("results/today");
/// crosscurrent::io::create_folder(&path)?;
/// assert!(path.is_dir());
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when something else has that name or writing is refused.
pub fn create_folder(path: &Path) -> Result<()> {
    let remedy = "choose an output folder that you may write to";
    if path.exists() && !path.is_dir() {
        return Err(Error::file(path, "expected a folder, found a file", remedy));
    }
    let refused = |error: io::Error| Error::file(path, format!("files cannot be written there ({})", plain(&error)), remedy);
    fs::create_dir_all(path).map_err(refused)?;
    let probe = temporary_beside(&path.join("probe"));
    File::create_new(&probe).map_err(refused)?;
    fs::remove_file(&probe).map_err(refused)
}

/// The file that a rename to `path` may replace: `path` itself, or what a link of that name points to.
fn replaceable(path: &Path) -> Result<PathBuf> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(Error::file(path, "expected a file to write, found a folder", "give the name of a file")),
        // A rename would replace a device such as a terminal by a plain file.
        Ok(found) if !found.is_file() => {
            Err(Error::file(path, "expected a plain file to write, found a device", "give the name of a file"))
        }
        Ok(_) => Ok(fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())),
        Err(_) => Ok(path.to_path_buf()),
    }
}

/// A name that no other writer uses, in the folder of `path`.
fn temporary_beside(path: &Path) -> PathBuf {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}-{}.part", std::process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}

fn write_whole(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let mut writer = BufWriter::new(file);
    fill(&mut writer)?;
    writer.flush()?;
    writer.get_ref().sync_all()
}

/// Makes the rename itself durable; not every system lets a folder be opened, and then nothing more can be done.
fn sync_folder(target: &Path) {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// The one-line error of a failed write.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Error {
    let remedy = match error.kind() {
        io::ErrorKind::NotFound => "make its folder first",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "choose a place that you may write to",
        io::ErrorKind::StorageFull => "free some space",
        _ => "check the disk and the name",
    };
    Error::file(path, format!("cannot be written ({})", plain(error)), remedy)
}

/// The system's words without their number.
pub(super) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        write_atomically(&path, |file| file.write_all(b"old")).unwrap();
        let failed = write_atomically(&path, |file| {
            file.write_all(b"half of the new")?;
            Err(io::Error::other("interrupted"))
        });
        assert!(failed.unwrap_err().to_string().contains("interrupted"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["table.csv"]);
        write_atomically(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn places_that_cannot_be_written_are_polite_errors() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let missing = write_atomically(&folder.path().join("no/such/table.csv"), |_| Ok(()));
        assert!(missing.unwrap_err().to_string().contains("make its folder first"));
        let is_folder = write_atomically(folder.path(), |_| Ok(()));
        assert!(is_folder.unwrap_err().to_string().contains("found a folder"));
        assert!(create_folder(&file).unwrap_err().to_string().contains("found a file"));
        let below = create_folder(&file.join("below")).unwrap_err().to_string();
        assert!(below.contains("cannot be written there") && below.contains("choose an output folder"), "{below}");
        assert!(!below.contains("os error") && !below.contains('\n'), "{below}");
        create_folder(&folder.path().join("a/b")).unwrap();
        assert_eq!(names(&folder.path().join("a/b")), Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_not_replaced_and_links_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_atomically(Path::new("/dev/null"), |_| Ok(())).unwrap_err().to_string().contains("device"));
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write_atomically(&link, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
