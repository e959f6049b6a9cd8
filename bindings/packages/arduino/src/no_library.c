/* Compiled for boards that there is no library for, and for no others. */
#error "Autoencoder has no library for the core of this board: src has a folder for each core that it runs on"
