#include "mezzotint/training/run_index.h"

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/json_text.h"
#include "mezzotint/training/run_summary.h"
#include "mezzotint/training/without_secrets.h"

namespace mezzotint {
namespace {

constexpr int64_t kSchema = 1;
constexpr int64_t kApplication = 0x4D7A5275;  // "MzRu": SQLite's application_id

// A number is never given twice, so that a forgotten run's doesn't come to mean another.
constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "folder TEXT NOT NULL UNIQUE, started REAL, changed REAL, verb TEXT, recipe TEXT, data TEXT, "
    "init TEXT, status TEXT, host TEXT, process TEXT, updates INTEGER, planned INTEGER, "
    "images INTEGER, loss REAL, best_loss REAL, epoch_loss REAL, validation_loss REAL, "
    "seconds REAL, images_per_second REAL, config TEXT, command_line TEXT, error TEXT)";

/// The columns, which are RunEntry's fields.
const std::vector<std::string>& columns() {
  static const std::vector<std::string> kNames = field_names<RunEntry>();
  return kNames;
}

RunEntry entry_of(const Database::Row& row, const std::string& where) {
  nlohmann::json values;
  for (size_t i = 0; i < columns().size(); ++i) values[columns()[i]] = row[i];
  try {
    values["config"] = parse_json(values.at("config").get<std::string>(), "config");
    RunEntry entry;
    from_json(entry, values, "row " + values.at("id").dump());
    return entry;
  } catch (const std::exception& error) {  // SQLite holds no column to its type
    fail(where, ": is damaged: ", error.what());
  }
}

/// Each text by itself: in a document as a whole what is hidden could take a quote along.
nlohmann::json without_secrets_inside(const nlohmann::json& value) {
  if (value.is_string()) return without_secrets(value.get<std::string>());
  nlohmann::json safe = value;
  if (value.is_structured())
    for (auto& inner : safe) inner = without_secrets_inside(inner);
  return safe;
}

nlohmann::json stored(const std::string& column, const nlohmann::json& value) {
  if (column == "folder") return value;  // the key
  const nlohmann::json safe = without_secrets_inside(value);
  return column == "config"
             ? nlohmann::json(safe.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
             : safe;
}

}  // namespace

RunIndex::RunIndex(const std::filesystem::path& file, Database::Access access)
    : file_(file), database_(file, access) {
  if (access == Database::Access::kWrite) make_table();
  check_table();
}

/// Fills an empty file; another process may be about to do the same.
void RunIndex::make_table() {
  if (database_.number("PRAGMA user_version") != 0 ||
      database_.number("SELECT count(*) FROM sqlite_master") != 0)
    return;
  database_.transaction([&] {
    database_.query(kTable);
    database_.query(concat("PRAGMA application_id = ", kApplication));
    database_.query(concat("PRAGMA user_version = ", kSchema));
  });
}

void RunIndex::check_table() {
  if (database_.number("PRAGMA application_id") != kApplication)
    fail(file_.string(), ": is no index of runs; set MEZZOTINT_RUNS to another file");
  const int64_t schema = database_.number("PRAGMA user_version");
  if (schema > kSchema)
    fail(file_.string(), ": was written by a later version (schema ", schema, ", wanted ", kSchema,
         "); use that version, or set MEZZOTINT_RUNS to another file");
}

int64_t RunIndex::put(const RunEntry& entry) {
  const nlohmann::json fields = to_json(entry);
  std::vector<std::string> names, marks, changes;
  std::vector<nlohmann::json> values;
  for (const std::string& name : columns()) {
    if (name == "id") continue;  // the table gives it
    names.push_back(name);
    marks.emplace_back("?");
    changes.push_back(name + " = ?");
    values.push_back(stored(name, fields.at(name)));
  }
  const std::string update =
      concat("UPDATE runs SET ", joined(changes), " WHERE folder = ? RETURNING id");
  const std::string insert =
      concat("INSERT INTO runs (", joined(names), ") VALUES (", joined(marks), ") RETURNING id");
  std::vector<Database::Row> id;
  database_.transaction([&] {
    std::vector<nlohmann::json> with_folder = values;
    with_folder.emplace_back(entry.folder);
    id = database_.query(update, with_folder);
    if (id.empty()) id = database_.query(insert, values);
  });
  return id.at(0).at(0).get<int64_t>();
}

std::vector<RunEntry> RunIndex::select(const std::string& condition,
                                       const std::vector<nlohmann::json>& values) {
  const std::string wanted = concat("SELECT ", joined(columns()), " FROM runs ", condition);
  std::vector<RunEntry> entries;
  for (const Database::Row& row : database_.query(wanted, values))
    entries.push_back(entry_of(row, file_.string()));
  return entries;
}

std::vector<RunEntry> RunIndex::runs() { return select("ORDER BY started DESC, id DESC", {}); }

std::optional<RunEntry> RunIndex::find(const std::filesystem::path& folder) {
  std::vector<RunEntry> found = select("WHERE folder = ?", {folder_key(folder)});
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

bool RunIndex::forget(int64_t id) {
  return !database_.query("DELETE FROM runs WHERE id = ? RETURNING id", {id}).empty();
}

}  // namespace mezzotint
