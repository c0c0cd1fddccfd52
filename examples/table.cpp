// A table from a file to predictions: what flats cost, by columns of numbers and words, one of them with
// gaps. Writes flats.csv, learns from it, and leaves flats.safetensors (the model) and flats.html (the
// report).
#include <cstdio>
#include <fstream>

#include <gradus/gradus.hpp>

using namespace gradus;

void write_table(const char* file) {
  constexpr const char* quarters[] = {"harbour", "hill", "station"};
  constexpr double worth[] = {90, 160, 30};
  Rng rng{7};
  std::ofstream out(file);
  out << "area,quarter,price\n";
  for (int i = 0; i < 900; ++i) {
    const double area = rng.uniform(25, 140), price = worth[i % 3] + 3 * area + rng.normal(0, 15);
    out << (i % 30 == 0 ? "" : std::to_string(area)) << ',' << quarters[i % 3] << ',' << price << '\n';
  }
}

int main() {
  write_table("flats.csv");
  const nn::Table table = nn::read_csv("flats.csv");
  const xt::xarray<float> targets = xt::adapt(table.column("price").numbers());
  const nn::RowSplit rows = nn::split_rows(targets, {.test = 0.2, .seed = 1});
  const nn::Encoder encoder(  // it learns from the rows to learn from alone
      table, {.label = "price", .regression = true, .missing = nn::Missing::median}, rows.train);
  const nn::Dataset<float> all = encoder.values(table);
  nn::Dataset<float> train = nn::select_rows(all, rows.train), validation = nn::select_rows(all, rows.test);

  nn::Standardize inputs, prices;  // both to mean 0 and deviation 1: prices are far from what weights give
  inputs.fit(train.inputs);
  prices.fit(train.targets);
  for (nn::Dataset<float>* set : {&train, &validation})
    *set = {inputs.apply(set->inputs), prices.apply(set->targets)};

  Rng rng{1};
  const nn::MLP model{{train.inputs.shape(1), 32, 1}, nn::Activation::relu, rng};
  nn::Adam optimizer{model.parameters(), {.lr = 0.01}};
  const auto loss = [](const Tensor<float>& y, const xt::xarray<float>& t) { return nn::mse_loss(y, t); };
  nn::Trainer trainer{model, optimizer, loss, {.epochs = 60, .metrics = {nn::metric::r2()}}};
  trainer.add(nn::EarlyStopping{{.patience = 10}});
  trainer.add(nn::KeepBest{model});
  const nn::DataLoaderOptions batches{.batch_size = 32, .shuffle = true, .seed = 1};
  const nn::History history = trainer.fit(nn::DataLoader{train, batches}, validation);
  nn::save_model("flats.safetensors", model);

  const nn::Module<float> again = nn::read_model<float>("flats.safetensors");  // made from its file alone
  const xt::xarray<float> predicted = prices.invert(nn::predict(again, validation.inputs));
  const xt::xarray<float> true_prices = prices.invert(validation.targets);
  for (std::size_t i = 0; i < 5; ++i)
    std::printf("row %3zu  price %6.1f  predicted %6.1f\n", rows.test[i], true_prices(i, 0), predicted(i, 0));
  const double r2 = nn::metric::r2().of(predicted, true_prices);
  std::printf("%zu epochs, r2 %.3f\n", history.epochs.size(), r2);
  nn::write_report("flats.html", {.title = "What flats cost",
                                  .panels = nn::training_panels(history),
                                  .predictions = nn::prediction_panels(predicted, true_prices),
                                  .summary = nn::summary(again, {1, train.inputs.shape(1)}).text()});
  return r2 > 0.9 ? 0 : 1;
}
