#include "cli/cli.h"

int main(int argc, char **argv)
{
    return tarn__cli_main(argc, argv);
}
