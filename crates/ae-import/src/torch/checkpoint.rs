//! What PyTorch's `save` writes: a pickle in an archive, and the numbers beside it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as MapEntry;

use super::pickle::{Id, Object, Pickle};
use super::state::Entry;
use crate::archive::Archive;
use crate::tensor::{Tensor, Width};
use crate::{ImportError, SourceFormat};

const FORMAT: SourceFormat = SourceFormat::PyTorch;

/// Where checkpoints keep the state dict of the model.
const INSIDE: [&str; 3] = ["state_dict", "model_state_dict", "model"];

/// How to write what is read.
const OF_MODULE: &str = "write its weights in Python: `model = torch.load(\"model.pt\", \
                         weights_only=False)`, then `torch.save(model.state_dict(), \"weights.pt\")`";

/// The name of the archive's pickle.
pub(super) fn pickle_of<'n>(archive: &'n Archive<'_>) -> Option<&'n str> {
    archive.names().find(|name| name.ends_with("/data.pkl") && name.matches('/').count() == 1)
}

/// The tensors of a state dict, in its order.
pub(super) fn entries<'a>(
    archive: &Archive<'a>,
    name: &str,
) -> Result<Vec<Entry<'a>>, ImportError> {
    let folder = name.trim_end_matches("data.pkl");
    let order = format!("{folder}byteorder");
    if archive.has(&order) && archive.file(&order, FORMAT)? != b"little" {
        return Err(ImportError::unfit(
            "the file was written on a machine whose numbers begin with the highest byte",
            "write it again on another machine",
        ));
    }
    let pickle = Pickle::new(archive.file(name, FORMAT)?)
        .map_err(|reason| ImportError::malformed(FORMAT, format!("`{name}`"), reason))?;
    let checkpoint = Checkpoint { archive, folder, pickle };
    let mut storages = BTreeMap::new();
    let state = checkpoint.state()?;
    let mut entries = Vec::new();
    for &(key, value) in state {
        if let Some((name, tensor)) = checkpoint.pickle.text(key).zip(checkpoint.tensor(value)) {
            entries.push(checkpoint.entry(name, tensor, &mut storages)?);
        }
    }
    Ok(entries)
}

struct Checkpoint<'a, 'z> {
    archive: &'z Archive<'a>,
    folder: &'z str,
    pickle: Pickle<'a>,
}

impl<'a> Checkpoint<'a, '_> {
    /// The items of the state dict.
    fn state(&self) -> Result<&[(Id, Id)], ImportError> {
        let pickle = &self.pickle;
        let Some(root) = pickle.table(pickle.root()) else {
            return Err(match pickle.object(pickle.root()) {
                Object::Call { .. } => {
                    let class = self.class_of(pickle.root());
                    let reason = format!(
                        "the file holds an object of the class `{class}`, whose \
                                          code it has not, and no state dict"
                    );
                    ImportError::unfit(reason, OF_MODULE)
                }
                _ => ImportError::unfit("the file holds no state dict", OF_MODULE),
            });
        };
        let has_tensors =
            |items: &[(Id, Id)]| items.iter().any(|&(_, value)| self.tensor(value).is_some());
        if has_tensors(root) {
            return Ok(root);
        }
        let inside = |name: &&str| {
            let item = root.iter().find(|(key, _)| pickle.text(*key) == Some(name));
            item.and_then(|&(_, value)| pickle.table(value)).filter(|items| has_tensors(items))
        };
        INSIDE.iter().find_map(inside).ok_or_else(|| {
            let keys = root.iter().filter_map(|&(key, _)| pickle.text(key));
            let keys: Vec<String> = keys.take(10).map(|key| format!("`{key}`")).collect();
            let reason = match keys.is_empty() {
                true => "the file holds no tensors".to_owned(),
                false => format!("no state dict is among {}", keys.join(", ")),
            };
            ImportError::unfit(
                reason,
                "save the model's own: `torch.save(model.state_dict(), \"weights.pt\")`",
            )
        })
    }

    /// The class of an object, as far as it is known.
    fn class_of(&self, id: Id) -> String {
        let Object::Call { callable, arguments, .. } = self.pickle.object(id) else {
            return "unknown".to_owned();
        };
        let first = self.pickle.sequence(*arguments).and_then(<[Id]>::first).copied();
        let class = match self.pickle.global(*callable) {
            // Its first argument is the class.
            Some(("copyreg" | "copy_reg", _)) => first.and_then(|id| self.pickle.global(id)),
            class => class,
        };
        class.map_or("unknown".to_owned(), |(module, name)| format!("{module}.{name}"))
    }

    /// The arguments of the call that makes a tensor.
    fn tensor(&self, id: Id) -> Option<&[Id]> {
        let Object::Call { callable, arguments, .. } = self.pickle.object(id) else { return None };
        let arguments = self.pickle.sequence(*arguments)?;
        match self.pickle.global(*callable)? {
            ("torch._utils", "_rebuild_tensor_v2") => Some(arguments),
            // A parameter is a tensor with more around it.
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
                let Object::Call { callable, arguments, .. } =
                    self.pickle.object(*arguments.first()?)
                else {
                    return None;
                };
                let is_tensor = self.pickle.global(*callable)?.1 == "_rebuild_tensor_v2";
                self.pickle.sequence(*arguments).filter(|_| is_tensor)
            }
            _ => None,
        }
    }

    /// A tensor, from `(storage, offset, shape, strides, …)`.
    ///
    /// Each storage is checked once, and then kept in `storages`.
    fn entry(
        &self,
        name: &str,
        arguments: &[Id],
        storages: &mut BTreeMap<&'a str, &'a [u8]>,
    ) -> Result<Entry<'a>, ImportError> {
        let damaged = || {
            let reason = "a storage, and within it an offset, a shape and strides were expected";
            ImportError::malformed(FORMAT, format!("tensor `{name}`"), reason)
        };
        let &[storage, offset, shape, strides, ..] = arguments else { return Err(damaged()) };
        let sizes = |id: Id| -> Option<Vec<usize>> {
            self.pickle.sequence(id)?.iter().map(|&size| self.pickle.size(size)).collect()
        };
        let (shape, strides) = sizes(shape).zip(sizes(strides)).ok_or_else(damaged)?;
        let offset = self.pickle.size(offset).ok_or_else(damaged)?;
        let (kind, key) = self.storage(storage).ok_or_else(damaged)?;
        let width = match kind {
            "FloatStorage" => Width::F32,
            "DoubleStorage" => Width::F64,
            "HalfStorage" => Width::F16,
            "BFloat16Storage" => Width::Bf16,
            other => return Ok(Entry::of_others(name, shape, other)),
        };
        let bytes = match storages.entry(key) {
            MapEntry::Occupied(known) => *known.get(),
            MapEntry::Vacant(new) => {
                *new.insert(self.archive.file(&format!("{}data/{key}", self.folder), FORMAT)?)
            }
        };
        let start = offset.checked_mul(width.bytes()).ok_or_else(damaged)?;
        let bytes = bytes.get(start..).ok_or_else(damaged)?;
        let tensor = Tensor::strided(shape, strides, width, bytes).ok_or_else(damaged)?;
        Ok(Entry::of_reals(name, tensor))
    }

    /// The class and the key of a storage, from `("storage", class, key, …)`.
    fn storage(&self, id: Id) -> Option<(&'a str, &'a str)> {
        let Object::Beside(described) = self.pickle.object(id) else { return None };
        let &[_, class, key, ..] = self.pickle.sequence(*described)? else { return None };
        Some((self.pickle.global(class)?.1, self.pickle.text(key)?))
    }
}
