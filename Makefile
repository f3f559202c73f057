# make train and make test do everything on a fresh machine with Swift 6.3 and Debian's packages.

MODEL ?= lenet5
DATA ?= Datasets/mnist
MINICNN = .build/release/minicnn
TEST = swift test -c release --scratch-path .build-test

BUILD_PACKAGES = libhdf5-dev zlib1g-dev libpng-dev libssl-dev pkg-config
TEST_PACKAGES = dataset-fashion-mnist

.PHONY: help setup setup-test build train test test-keras bench format lint clean

help: ## Say what the targets do.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Install the C libraries that are missing.
	@sh .ci/install-packages $(BUILD_PACKAGES)

setup-test:
	@sh .ci/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)

build: setup ## Build the tool, optimized: .build/release/minicnn.
	swift build -c release --product minicnn

train: build ## Train the default model on the real digits and measure it on the test digits.
	$(MINICNN) train --model Models/$(MODEL).yaml --data $(DATA) --overwrite
	$(MINICNN) evaluate $(MODEL).weights.h5 --data $(DATA)

test: setup-test ## Run every test.
	$(TEST) --quiet

test-keras: build ## Have Keras open what the tool saves (installs Keras into .venv-keras).
	@test -x .venv-keras/bin/python || python3 -m venv .venv-keras
	@.venv-keras/bin/python -c 'import keras, tensorflow, h5py, yaml' 2>/dev/null || \
	  .venv-keras/bin/pip install --quiet keras tensorflow-cpu h5py pyyaml
	KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 .venv-keras/bin/python \
	  Tests/Golden/check_interchange.py $(MINICNN)

bench: build ## Measure how fast the models train and predict on this machine.
	@for model in lenet5 mnist-cnn mlp resnet-mini; do \
	  $(MINICNN) benchmark --model Models/$$model.yaml --data $(DATA) && echo; done

format: ## Bring all Swift files into shape.
	swift format --in-place --recursive Package.swift Sources Tests Examples

lint: ## Check format and style.
	swift format lint --strict --recursive Package.swift Sources Tests Examples

clean: ## Remove what was built.
	rm -rf .build .build-test
