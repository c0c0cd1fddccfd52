#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/csv.hpp>
#include <gradus/tests/nn/data/bytes.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn {
namespace {

using testing::bytes_of, testing::expect_named, testing::message_of, testing::TempFolder,
    testing::write_bytes;
using Names = std::vector<std::string>;
using Numbers = Column::Numbers;
using Texts = Column::Texts;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

Table table_of(const std::string& text, const CsvOptions& options = {}) {
  const TempFolder folder;
  write_bytes(folder.path() / "table.csv", text);
  return read_csv(folder.path() / "table.csv", options);
}

// Equal, where NaN is equal to NaN.
void expect_numbers(const Column& column, const Numbers& expected) {
  ASSERT_TRUE(column.is_numeric()) << column.name;
  ASSERT_EQ(column.size(), expected.size()) << column.name;
  for (std::size_t row = 0; row < expected.size(); ++row) {
    const double found = column.numbers()[row];
    EXPECT_TRUE(found == expected[row] || (std::isnan(found) && std::isnan(expected[row])))
        << found << " for " << expected[row] << " in " << column.name;
  }
}

TEST(ReadCsv, DecidesTheTypesByTheData) {
  const Table table = table_of("height,name,code\n1.5,Ada,1\n-2e3,Bob,x7\n7,,3\n");
  EXPECT_EQ(table.names(), (Names{"height", "name", "code"}));
  EXPECT_EQ(table.rows(), 3u);
  expect_numbers(table.column("height"), {1.5, -2000, 7});
  EXPECT_EQ(table.column("name").texts(), (Texts{"Ada", "Bob", ""}));
  EXPECT_EQ(table.column("code").texts(), (Texts{"1", "x7", "3"}));
  EXPECT_TRUE(table.column("name").is_missing(2));
}

TEST(ReadCsv, TakesNumbersOfEveryForm) {
  const Table table = table_of(
      "x\n0\n-0\n+5\n 12 \n\"8\"\n1e-400\n.5\n5.\n-1.25E+2\ninf\n-inf\nnan\n"
      "123456789012345\n1234567890123456789\n0.1\n5e-324\n1.7976931348623157e308\n");
  expect_numbers(table.column("x"),
                 {0, -0.0, 5, 12, 8, 0, 0.5, 5, -125, infinity, -infinity, nan, 123456789012345,
                  1234567890123456789., 0.1, 5e-324, std::numeric_limits<double>::max()});
  for (const char* text : {"-", "+", "+-5", "1e999", "0x10", "1 2", "1,5", "--3", "e5", "12a", "1e", "."}) {
    EXPECT_FALSE(table_of("x;y\n1;" + std::string(text) + "\n", {.delimiter = ';'}).column("y").is_numeric())
        << text;
  }
}

TEST(ReadCsv, CellsInQuotesHoldAnything) {
  const Table table = table_of(
      "a,\"b,c\"\r\n\"x,y\",\"He said \"\"no\"\"\"\r\n\"two\r\nlines\",\"\"\r\n"
      "  \" kept \"  ,  plain text  \r\n");
  EXPECT_EQ(table.names(), (Names{"a", "b,c"}));
  EXPECT_EQ(table.column("a").texts(), (Texts{"x,y", "two\r\nlines", " kept "}));
  EXPECT_EQ(table.column("b,c").texts(), (Texts{"He said \"no\"", "", "plain text"}));
}

TEST(ReadCsv, TakesEveryLineEndAndAMark) {
  for (const char* text : {"a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r",
                           "\xef\xbb\xbf"
                           "a,b\n1,2\n3,4\n",
                           "\xef\xbb\xbf\"a\",b\n1,2\n3,4\n", "\n\na,b\n\n1,2\r\n\r\n3,4\n\n"}) {
    const Table table = table_of(text);
    EXPECT_EQ(table.names(), (Names{"a", "b"})) << text;
    expect_numbers(table.column("a"), {1, 3});
    expect_numbers(table.column("b"), {2, 4});
  }
}

TEST(ReadCsv, MissingValues) {
  const Table table = table_of("a,b,c\n1,x,?\n,?,?\n?,NA,\n", {.missing = {"?", "NA"}});
  expect_numbers(table.column("a"), {1, nan, nan});
  EXPECT_EQ(table.column("b").texts(), (Texts{"x", "", ""}));
  expect_numbers(table.column("c"), {nan, nan, nan});
  EXPECT_EQ(table_of("a,b\nNA,1\n").column("a").texts(), (Texts{"NA"}));  // only if asked for
  expect_numbers(table_of("a\n1\n\n3\n").column("a"), {1, nan, 3});
  expect_numbers(table_of("\n1\n", {.header = false}).column("0"), {nan, 1});
  expect_numbers(table_of("a,b\n1,\n2,\n").column("b"), {nan, nan});
  EXPECT_FALSE(table_of("a,b\n-999,\n", {.missing = {"-999"}}).column("a").numbers()[0] == -999);
}

TEST(ReadCsv, Options) {
  const Table bare = table_of("5;x\n6;y\n", {.delimiter = ';', .header = false});
  EXPECT_EQ(bare.names(), (Names{"0", "1"}));
  expect_numbers(bare.column("0"), {5, 6});
  const Table said = table_of("zip,n\n01234,1\n99,2\n", {.types = {{"zip", ColumnType::text}}});
  EXPECT_EQ(said.column("zip").texts(), (Texts{"01234", "99"}));
  const Table tabs = table_of("a\tb\n1\t\n\t2\n", {.delimiter = '\t'});
  expect_numbers(tabs.column("a"), {1, nan});
  EXPECT_EQ(table_of("a,b\n").rows(), 0u);
}

TEST(ReadCsv, ReadsGzip) {
  const TempFolder folder;
  const std::string file = folder.path() / "table";
  gzFile out = gzopen(file.c_str(), "wb");
  gzputs(out, "a,b\n1,2\n");
  gzclose(out);
  expect_numbers(read_csv(file).column("b"), {2});
}

TEST(ReadCsv, SaysWhereItIsDamaged) {
  struct Case {
    std::string text;
    CsvOptions options;
    std::vector<std::string> named;
  };
  const std::vector<Case> cases{
      {"a,b\n1,2\n3\n",
       {},
       {"line 3, column 1", "found the end of a record of 1 cells", "2 cells, as in line 1"}},
      {"a,b\n1,2,3\n", {}, {"line 2, column 3", "a record of 3 cells", "expected 2 cells"}},
      {"a,b\n\"1\n2\",5\n6\n", {}, {"line 4, column 1"}},
      {"a,b\r\n\"1\r\n2\",5\r\n6\r\n", {}, {"line 4, column 1"}},
      {"a,b\n1,\"2\n3,4\n", {}, {"line 2, column 2", "found a quote without its end"}},
      {"a,b\n1,2\"x\n", {}, {"line 2, column 2", "found a quote within a cell", "doubled"}},
      {"a,b\n1,\"2\"x\n", {}, {"line 2, column 2", "found text after the closing quote"}},
      {"a,b,a\n", {}, {"line 1, column 3", "found the name \"a\" again"}},
      {"a,b\n1,2\nx,4\n",
       {.types = {{"a", ColumnType::numeric}}},
       {"line 3, column 1", "found \"x\", expected a number"}},
      {"a,b\n", {.types = {{"c", ColumnType::text}}}, {"line 1", "found no column \"c\""}},
      {"", {}, {"found no record, expected a header"}},
      {"\n\n", {.header = false}, {"found no record, expected at least one"}},
      {std::string("\xff\xfe"
                   "a\0,\0",
                   6),
       {},
       {"byte 0", "found UTF-16, expected UTF-8"}},
      {"a,b\n1,2\n3,M\xfcnchen\n", {}, {"line 3, column 2", "the byte 0xfc", "expected a file in UTF-8"}},
      {"a,\"b\xc3\"\n1,2\n", {}, {"line 1, column 2", "the byte 0xc3"}},
      {"a;b;c\n1,5;2;3\n", {}, {"line 2, column 2", "a record of 2 cells", "seem to end with ';'"}},
      {"1\t2\n1\t2,5\n", {.header = false}, {"line 2", "seem to end with a tab"}},
  };
  for (const Case& c : cases) {
    const std::string message = message_of<DataError>([&] { table_of(c.text, c.options); });
    expect_named(message, {"[read_csv] ", "table.csv"});
    expect_named(message, c.named);
  }
  expect_named(message_of<DataError>([] { read_csv("/absent.csv"); }),
               {"[read_csv] /absent.csv", "no such file"});
  expect_named(message_of<ValueError>([] { table_of("a\n", {.delimiter = '"'}); }),
               {"[read_csv]", "delimiter"});
}

TEST(ReadCsv, AnyCutOrFlippedBitGivesATableOrAnError) {
  const std::string good =
      "\xef\xbb\xbf"
      "a,\"b,\"\"c\",d\r\n1.5,\"x\ny\",\r\n-2e3, z ,?\r\n\"7\",,nan\r\n";
  const auto try_text = [](const std::string& text) {
    try {
      const Table table = table_of(text, {.missing = {"?"}});
      for (const Column& column : table.columns()) EXPECT_EQ(column.size(), table.rows());
    } catch (const DataError& error) {
      expect_named(error.what(), {"[read_csv] ", "found ", "expected "});
    }
  };
  for (std::size_t i = 0; i < good.size(); ++i) {
    try_text(good.substr(0, i));
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = good;
      flipped[i] ^= static_cast<char>(1 << bit);
      try_text(flipped);
    }
  }
}

TEST(WriteCsv, WhatIsReadBackIsTheSame) {
  const TempFolder folder;
  const auto file = folder.path() / "out.csv";
  const Table table({{"x, y", Numbers{1, 0.1, nan, -1e-300, infinity}},
                     {"text", Texts{"a\"b", " c ", "", "d\r\ne", "f;g"}},
                     {"n", Numbers{1, 2, 3, 4, 5}}});
  for (char delimiter : {',', ';', '\t', ' '}) {
    write_csv(file, table, {.delimiter = delimiter});
    const Table again = read_csv(file, {.delimiter = delimiter});
    EXPECT_EQ(again.names(), table.names());
    expect_numbers(again.column("x, y"), table.column("x, y").numbers());
    EXPECT_EQ(again.column("text").texts(), table.column("text").texts());
  }
  write_csv(file, Table({{"a", Numbers{1.5, nan}}, {"b", Texts{"x", "y,z"}}}));
  EXPECT_EQ(bytes_of(file), "a,b\n1.5,x\n,\"y,z\"\n");
  write_csv(file, Table({{"a", Numbers{1}}}), {.header = false});
  EXPECT_EQ(bytes_of(file), "1\n");
}

TEST(WriteCsv, LeavesWhatWasThereWhenItFails) {
  const TempFolder folder;
  const auto file = folder.path() / "place";
  std::filesystem::create_directories(file / "inside");  // no file can take its name
  expect_named(message_of<DataError>([&] {
                 write_csv(file, Table({{"a", Numbers{1}}}));
               }),
               {"[write_csv] " + file.string(), "cannot be written"});
  EXPECT_TRUE(std::filesystem::exists(file / "inside"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);  // nothing left over
}

TEST(Table, KeepsItsColumnsEquallyLongAndTheirNamesApart) {
  Table table({{"a", Numbers{1, 2}}});
  EXPECT_EQ(message_of<ValueError>([&] {
              table.add({"a", Numbers{1, 2}});
            }),
            "[Table] two columns \"a\": expected different names");
  EXPECT_EQ(message_of<ValueError>([&] {
              table.add({"b", Texts{"x"}});
            }),
            "[Table] column \"b\" with 1 rows: expected 2 as in \"a\"");
  EXPECT_EQ(message_of<ValueError>([&] { table.column("b"); }),
            "[Table] no column \"b\": expected one of \"a\"");
  EXPECT_EQ(message_of<ValueError>([&] { table.column("a").texts(); }),
            "[Column] \"a\" holds numbers: expected texts");
  EXPECT_EQ(table.columns().size(), 1u);
  const Table made = make_table(xt::xarray<double>{{1, 2}, {3, 4}}, {"x", "y"});
  EXPECT_EQ(made.column("y").numbers(), (Numbers{2, 4}));
  EXPECT_THROW(make_table(xt::xarray<double>{{1, 2}}, {"x"}), ShapeError);
}

}  // namespace
}  // namespace gradus::nn
