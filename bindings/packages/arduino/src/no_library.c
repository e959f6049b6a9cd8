/* Compiled where the Arduino software links no library of this folder, and nowhere else. */
#error "Autoencoder: src has no folder for the core of this board, or its platform links no precompiled libraries"
