//! Files of other kinds, told by their first bytes, and how to make of them what is read here.

use super::utf16::Utf16;

/// A kind of file that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// What it is, with its article.
    pub what: &'static str,
    /// How to make CSV or NPY of it.
    pub how: &'static str,
}

const EXCEL: &str = "save the sheet there as `CSV UTF-8`, or in Python: \
    pandas.read_excel(\"FILE\").to_csv(\"data.csv\", index=False)";
const UNPACK: &str = "unpack it and name the files in it";
const PYTHON: &str = "load it in Python and save the samples with numpy.save, or a table with \
    to_csv(\"data.csv\", index=False)";
const NO_TABLE: &str = "export the numbers themselves as CSV, where they come from";
const MAT: &str = "in MATLAB: writematrix(x, \"data.csv\"), a line for each sample and names above; \
    or in Python: numpy.save(\"data.npy\", scipy.io.loadmat(\"FILE\")[\"x\"])";
const MAT_73: &str = "in MATLAB: writematrix(x, \"data.csv\"), a line for each sample and names \
    above; or in Python: numpy.save(\"data.npy\", h5py.File(\"FILE\")[\"x\"][()].T)";
const WAV: &str = "write it as WAV: ffmpeg -i FILE -c:a pcm_s16le data.wav";

/// What files begin with, what they are, and how to make CSV or NPY of them.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (XLS)", EXCEL),
    (b"%PDF", "a PDF document", NO_TABLE),
    (
        b"\x89HDF\r\n\x1a\n",
        "an HDF5 file",
        "in Python: numpy.save(\"data.npy\", \
        h5py.File(\"FILE\")[\"NAME\"][()]), or pandas.read_hdf(\"FILE\").to_csv(\"data.csv\", \
        index=False)",
    ),
    (b"MATLAB 7.3", "a MATLAB file of version 7.3", MAT_73),
    (b"MATLAB 5.0", "a MATLAB file", MAT),
    (
        b"FEA1",
        "a Feather file of version 1",
        "in Python: \
        pandas.read_feather(\"FILE\").to_csv(\"data.csv\", index=False)",
    ),
    (
        b"TDSm",
        "a LabVIEW TDMS file",
        "in Python: \
        nptdms.TdmsFile(\"FILE\").as_dataframe().to_csv(\"data.csv\", index=False)",
    ),
    (
        b"LabVIEW Measurement",
        "a LabVIEW measurement file (LVM)",
        "delete its lines above the \
        names of the columns",
    ),
    (
        b"MDF     ",
        "an MDF measurement file",
        "in Python: \
        asammdf.MDF(\"FILE\").export(\"csv\")",
    ),
    (b"CDF\x01", "a NetCDF file", PYTHON),
    (b"CDF\x02", "a NetCDF file", PYTHON),
    (b"Obj\x01", "an Avro file", PYTHON),
    (
        b"SQLite format 3\0",
        "an SQLite database",
        "sqlite3 -header -csv FILE \"select * from \
        TABLE order by TIME\" > data.csv",
    ),
    (b"#ROSBAG", "a ROS bag", "export its topic: rostopic echo -b FILE -p /TOPIC > data.csv"),
    (b"\x89MCAP0", "an MCAP recording", PYTHON),
    (b"RIFX", "a WAV file of the other byte order", WAV),
    (b"RIFF", "a RIFF file that is no WAV file", NO_TABLE),
    (b"fLaC", "a FLAC sound file", WAV),
    (b"OggS", "an Ogg sound file", WAV),
    (b"PARE", "an encrypted Parquet file", "write it without"),
    (b"\x89PNG", "a PNG picture", "signals are numbers over time; images are read from IDX files"),
    (
        b"\xff\xd8\xff",
        "a JPEG picture",
        "signals are numbers over time; images are read from IDX \
        files",
    ),
    (b"GIF8", "a GIF picture", "signals are numbers over time; images are read from IDX files"),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (b"\x04\x22\x4d\x18", "an LZ4 archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"{\\rtf", "a text document (RTF)", NO_TABLE),
    (b"\x7fELF", "a program (ELF)", "name the file of samples"),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS and not the file itself",
        "git lfs pull \
        fetches it",
    ),
    (
        b"@relation",
        "an ARFF file",
        "in Python: \
        pandas.DataFrame(scipy.io.arff.loadarff(\"FILE\")[0]).to_csv(\"data.csv\", index=False)",
    ),
    (b"\x89AEB", "a model and no samples", "name the file of samples"),
    (b"\0\0\x08\x01", "an IDX file of labels or images", "give the folder that it lies in"),
    (b"\0\0\x08\x02", "an IDX file of images", "give the folder that it lies in"),
    (b"\0\0\x08\x03", "an IDX file of images", "give the folder that it lies in"),
];

/// What begins with these bytes, if it is of a kind that is known and not read here.
pub(super) fn kind_of(start: &[u8]) -> Option<Foreign> {
    let foreign = |what, how| Some(Foreign { what, how });
    if let Some(&(_, what, how)) = MAGIC.iter().find(|(magic, ..)| begins(start, magic)) {
        return foreign(what, how);
    }
    if start.get(257..262) == Some(b"ustar") {
        return foreign("a tar archive", UNPACK);
    }
    if is_pickle(start) {
        return foreign(
            "a Python pickle",
            "nothing here runs what a pickle holds; load it in Python if you trust it, and save \
             the samples with numpy.save, or a table with to_csv(\"data.csv\", index=False)",
        );
    }
    // What such a text is shows when it is decoded.
    if Utf16::of(start).is_some() {
        return None;
    }
    if start.contains(&0) {
        return foreign("no text, but bytes of an unknown kind", NO_TABLE);
    }
    markup(start)
}

/// Whether a file begins so. Letters alone may also be the name of a column.
pub(super) fn begins(start: &[u8], magic: &[u8]) -> bool {
    let Some((first, rest)) = start.split_at_checked(magic.len()) else { return false };
    if !magic.iter().all(u8::is_ascii_alphanumeric) {
        return first.eq_ignore_ascii_case(magic);
    }
    let line = rest.split(|byte| b"\r\n".contains(byte)).next().unwrap_or_default();
    let is_name = line.is_empty() || line.iter().any(|byte| b",;\t".contains(byte));
    let is_control = |byte: &u8| *byte < 0x20 && !b"\t\r\n".contains(byte);
    first == magic && (!is_name || rest.iter().any(is_control))
}

/// Of version 2 or later: 0x80, the version, and a frame or an opcode, never a letter of a header.
fn is_pickle(start: &[u8]) -> bool {
    matches!(start, [0x80, 2..=5, ..])
}

/// Texts that are no tables.
fn markup(start: &[u8]) -> Option<Foreign> {
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let lower: String = text.chars().take(64).collect::<String>().to_ascii_lowercase();
    let foreign = |what, how| Some(Foreign { what, how });
    if lower.starts_with("<!doctype html")
        || lower.starts_with("<html")
        || lower.starts_with("<head")
    {
        return foreign(
            "a web page (HTML)",
            "it is perhaps what a server answered in place of the file; download the file itself",
        );
    }
    if lower.starts_with("<?xml") || (lower.starts_with('<') && text.contains("</")) {
        return foreign(
            "an XML file",
            "in Python: \
            pandas.read_xml(\"FILE\").to_csv(\"data.csv\", index=False)",
        );
    }
    let rest = text.strip_prefix(['{', '[']).map(str::trim_start);
    if rest.is_some_and(|rest| rest.starts_with(['"', '{', '[', ']', '}']) || is_number(rest)) {
        let is_lines = text.starts_with('{') && text.contains("}\n{");
        return match is_lines {
            true => foreign(
                "JSON, an object a line",
                "in Python: \
                pandas.read_json(\"FILE\", lines=True).to_csv(\"data.csv\", index=False)",
            ),
            false => foreign(
                "a JSON file",
                "in Python: \
                pandas.read_json(\"FILE\").to_csv(\"data.csv\", index=False)",
            ),
        };
    }
    None
}

/// Whether a JSON list of numbers goes on like this.
fn is_number(rest: &str) -> bool {
    let number: &str = rest.split([',', ']']).next().unwrap_or_default();
    rest.len() > number.len() && number.trim().parse::<f64>().is_ok()
}

/// What a ZIP archive is that holds no arrays, by the names in it.
pub(super) fn archive_of(names: &[String]) -> Option<Foreign> {
    let has = |start: &str| names.iter().any(|name| name.starts_with(start));
    let foreign = |what, how| Some(Foreign { what, how });
    if has("xl/") {
        foreign("an Excel workbook (XLSX)", EXCEL)
    } else if has("word/") || has("ppt/") {
        foreign("an Office document", NO_TABLE)
    } else if has("content.xml") || (has("mimetype") && has("META-INF/")) {
        foreign(
            "an OpenDocument sheet (ODS)",
            "save the sheet in LibreOffice as `Text CSV`, or in \
            Python: pandas.read_excel(\"FILE\").to_csv(\"data.csv\", index=False)",
        )
    } else if has("archive/data.pkl") || names.iter().any(|name| name.ends_with("/data.pkl")) {
        foreign("a PyTorch file", PYTHON)
    } else if has("Index/") || has("Data/") {
        foreign("a Numbers sheet", "export it there as CSV")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_told_by_its_first_bytes() {
        let mut tar = vec![b'a'; 600];
        tar[257..262].copy_from_slice(b"ustar");
        for (start, what) in [
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest".to_vec(), "XLS"),
            (b"%PDF-1.7\n".to_vec(), "PDF"),
            (b"RIFF\x10\0\0\0AVI LIST".to_vec(), "no WAV"),
            (b"\x89HDF\r\n\x1a\n\0".to_vec(), "HDF5"),
            (b"MATLAB 5.0 MAT-file, Platform: GLNXA64".to_vec(), "MATLAB"),
            (b"MATLAB 7.3 MAT-file, Platform: GLNXA64".to_vec(), "7.3"),
            (b"TDSm\x0e\0\0\0".to_vec(), "TDMS"),
            (b"\x80\x04\x95\x10\0\0\0".to_vec(), "pickle"),
            (b"<!DOCTYPE html>\n<html>".to_vec(), "HTML"),
            (b"\n<html lang=en>".to_vec(), "HTML"),
            (b"<?xml version=\"1.0\"?>".to_vec(), "XML"),
            (b"[{\"t\": 0, \"x\": 1}]".to_vec(), "JSON"),
            (b"{\"t\": [0, 1]}".to_vec(), "JSON"),
            (b"{\"t\": 0}\n{\"t\": 1}\n".to_vec(), "an object a line"),
            (b"[1.5, 2, 3]".to_vec(), "JSON"),
            (b"[[1.5, 2], [3, 4]]".to_vec(), "JSON"),
            (b"@RELATION pump\n".to_vec(), "ARFF"),
            (tar, "tar"),
            (b"\xff\xfe\0\0a\0\0\0".to_vec(), "unknown kind"),
            (b"version https://git-lfs.github.com/spec/v1\n".to_vec(), "Git LFS"),
            (b"a,b\n1,\0\n".to_vec(), "unknown kind"),
        ] {
            let found = kind_of(&start).unwrap_or_else(|| panic!("{what}"));
            assert!(found.what.contains(what), "{what}: {found:?}");
        }
    }

    #[test]
    fn tables_are_of_no_other_kind() {
        for text in [
            "a,b\n1,2\n",
            "[m/s],[m]\n1,2\n",
            "{x},{y}\n1,2\n",
            "<x>,<y>\n1,2\n",
            "1,2\n3,4\n",
            "\u{feff}a;b\n",
            "PAR1,RIFF\n1,2\n",
            "GIF8\n1\n",
            "",
            "x",
        ] {
            assert_eq!(kind_of(text.as_bytes()), None, "{text:?}");
            let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert!(text.len() == 1 || kind_of(&utf16).is_none(), "{text:?}");
        }
    }
}
